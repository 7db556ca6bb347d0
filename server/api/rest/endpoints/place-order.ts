import { orderRequestSchema } from '@/server/contracts/orders';
import { placedOrderSchema, waitingOrderSchema } from '@/server/contracts/placement';
import { isStrategySignalId } from '@/server/domain/strategy';
import { textAnswer } from '../answer';
import { endpoint } from '../endpoint';
import { jsonBody } from '../input';
import { ProblemError } from '../problem';
import type { RestServices } from '../services';

const KEY = /^[\x20-\x7e]{1,255}$/;

export const placeOrderEndpoint = endpoint({
  method: 'POST',
  path: '/v1/orders',
  operationId: 'placeOrder',
  summary:
    'Place an order for a signal. The gate judges it from server state; what needs a person waits as an approval.',
  scope: 'orders:write',
  idempotent: true,
  input: jsonBody(orderRequestSchema),
  answers: [
    { status: 201, description: 'Placed; the worker sends it', schema: placedOrderSchema },
    { status: 202, description: 'Waits for a countersignature', schema: waitingOrderSchema },
  ],
  problems: [409],
  checkHeaders: (headers) => void readKey(headers),
  handle: async ({ request, actor, input, services }) => {
    const key = readKey(request.headers);
    await leaveToDesk(input.signal_id, services);
    const answer = await services.commands.placeOrder(actor, key, input);
    return textAnswer(answer.body, answer.statusCode, {
      ...(answer.replayed ? { 'idempotency-replayed': 'true' } : {}),
      ...(answer.statusCode === 503 ? { 'retry-after': '1' } : {}),
    });
  },
});

/**
 * A strategy's candidate on its way is the worker's to size and place: who ordered it first would have it with another quantity.
 * The id tells which can be one, so that others cost no look. @throws ProblemError 409, which is not stored with the key
 */
async function leaveToDesk(signalId: string, { reads }: Pick<RestServices, 'reads'>): Promise<void> {
  if (!isStrategySignalId(signalId)) return;
  if ((await reads.signal(signalId))?.status !== 'QUEUED') return;
  throw new ProblemError('CONFLICT', 'This signal is a strategy’s and on its way: the worker places its order.');
}

function readKey(headers: Headers): string {
  const key = headers.get('idempotency-key');
  if (key !== null && KEY.test(key)) return key;
  const message = key === null ? 'is missing' : 'must be 1 to 255 printable ASCII characters';
  throw new ProblemError('IDEMPOTENCY_KEY_INVALID', `The header Idempotency-Key ${message}`, {
    errors: [{ field: 'Idempotency-Key', message }],
  });
}
