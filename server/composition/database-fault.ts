/** Whether an error means that the database is away or overloaded, for the edges: they know no driver and no code of it. */
export { isDatabaseUnavailable } from '@/server/adapters/postgres/unavailable';
