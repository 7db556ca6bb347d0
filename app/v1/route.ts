import { notFoundHandlers } from '@/server/api/rest/routes';

export const dynamic = 'force-dynamic';
export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = notFoundHandlers();
