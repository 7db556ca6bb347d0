import { readinessHandlers } from '@/server/api/rest/open-handlers';
import { getRestServices } from '@/server/composition/rest';

export const dynamic = 'force-dynamic';
export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = readinessHandlers(getRestServices);
