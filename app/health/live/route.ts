import { livenessHandlers } from '@/server/api/rest/open-handlers';

export const dynamic = 'force-dynamic';
export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = livenessHandlers();
