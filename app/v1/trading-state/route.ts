import { changeTradingStateEndpoint } from '@/server/api/rest/endpoints/change-trading-state';
import { getTradingStateEndpoint } from '@/server/api/rest/endpoints/get-trading-state';
import { routeHandlers } from '@/server/api/rest/routes';
import { getRestServices } from '@/server/composition/rest';

export const dynamic = 'force-dynamic';
export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = routeHandlers(
  getRestServices,
  changeTradingStateEndpoint,
  getTradingStateEndpoint,
);
