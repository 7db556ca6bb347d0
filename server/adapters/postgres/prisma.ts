import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client';
import { IDLE_IN_TRANSACTION_MS } from './pool';

const CONNECTIONS = 6;
const STATEMENT_TIMEOUT_MS = 10_000;

/** A Prisma client over its own pg pool. Queries that take longer than 10 s fail. */
export function createPrisma(databaseUrl: string): PrismaClient {
  const adapter = new PrismaPg({
    connectionString: databaseUrl,
    application_name: 'countersign console reads',
    max: CONNECTIONS,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 5_000,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
  });
  return new PrismaClient({ adapter });
}

// Hot reload in development evaluates modules again; one client a process must survive it.
const holder = globalThis as typeof globalThis & { countersignPrisma?: PrismaClient };

/** The process's client, made at first use. */
export function getPrisma(databaseUrl: string): PrismaClient {
  holder.countersignPrisma ??= createPrisma(databaseUrl);
  return holder.countersignPrisma;
}

export type { PrismaClient };
