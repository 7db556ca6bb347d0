import { cancelAnswerSchema } from '@/server/contracts/order-detail';
import { jsonAnswer, refusalProblem } from '../answer';
import { endpoint } from '../endpoint';
import { noInput } from '../input';

export const cancelOrderEndpoint = endpoint({
  method: 'DELETE',
  path: '/v1/orders/{id}',
  operationId: 'cancelOrder',
  summary: 'Ask for the cancel of an order. It may still fill until the broker answers.',
  scope: 'orders:write',
  input: noInput,
  answers: [
    { status: 202, description: 'Asked for; or cancelled at once when it was never sent', schema: cancelAnswerSchema },
  ],
  problems: [409],
  handle: async ({ actor, id, services }) => {
    const outcome = await services.commands.cancelOrder(actor, id, `asked for through the API by ${actor.name}`);
    if (!outcome.ok) throw refusalProblem(outcome);
    return jsonAnswer({ order_id: id, status: outcome.status }, 202);
  },
});
