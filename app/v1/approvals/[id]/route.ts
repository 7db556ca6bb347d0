import { getApprovalEndpoint } from '@/server/api/rest/endpoints/get-approval';
import { routeHandlers } from '@/server/api/rest/routes';
import { getRestServices } from '@/server/composition/rest';

export const dynamic = 'force-dynamic';
export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = routeHandlers(getRestServices, getApprovalEndpoint);
