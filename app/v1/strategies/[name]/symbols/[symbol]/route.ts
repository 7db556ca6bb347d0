import { getStrategySettingEndpoint } from '@/server/api/rest/endpoints/get-strategy-setting';
import { setStrategyEndpoint } from '@/server/api/rest/endpoints/set-strategy';
import { routeHandlers } from '@/server/api/rest/routes';
import { getRestServices } from '@/server/composition/rest';

export const dynamic = 'force-dynamic';
export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = routeHandlers(
  getRestServices,
  getStrategySettingEndpoint,
  setStrategyEndpoint,
);
