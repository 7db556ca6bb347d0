import { listOrdersEndpoint } from '@/server/api/rest/endpoints/list-orders';
import { placeOrderEndpoint } from '@/server/api/rest/endpoints/place-order';
import { routeHandlers } from '@/server/api/rest/routes';
import { getRestServices } from '@/server/composition/rest';

export const dynamic = 'force-dynamic';
export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = routeHandlers(
  getRestServices,
  listOrdersEndpoint,
  placeOrderEndpoint,
);
