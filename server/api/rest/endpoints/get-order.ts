import { orderDetailSchema } from '@/server/contracts/order-detail';
import { jsonAnswer } from '../answer';
import { endpoint } from '../endpoint';
import { noInput } from '../input';
import { ProblemError } from '../problem';

export const getOrderEndpoint = endpoint({
  method: 'GET',
  path: '/v1/orders/{id}',
  operationId: 'getOrder',
  summary: 'One order with its timeline: signal, judgements, approval, events, fills.',
  scope: 'orders:read',
  input: noInput,
  answers: [{ status: 200, description: 'The order', schema: orderDetailSchema }],
  handle: async ({ id, services }) => {
    const order = await services.reads.order(id);
    if (order === null) throw new ProblemError('NOT_FOUND', 'There is no order with that id');
    return jsonAnswer(order);
  },
});
