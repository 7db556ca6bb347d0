import { orderListQuerySchema, orderListSchema } from '@/server/contracts/order-detail';
import { jsonAnswer } from '../answer';
import { endpoint } from '../endpoint';
import { queryString } from '../input';
import { readPage } from '../read-page';

export const listOrdersEndpoint = endpoint({
  method: 'GET',
  path: '/v1/orders',
  operationId: 'listOrders',
  summary: 'Orders, newest first. Follow next_cursor until it is null.',
  scope: 'orders:read',
  input: queryString(orderListQuerySchema),
  answers: [{ status: 200, description: 'A page of orders', schema: orderListSchema }],
  handle: async ({ input, services }) => {
    const page = await readPage(() => services.reads.orders(input));
    return jsonAnswer({ orders: page.items, next_cursor: page.nextCursor });
  },
});
