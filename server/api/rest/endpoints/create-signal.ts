import { createdSignalSchema, createSignalSchema } from '@/server/contracts/signals';
import { jsonAnswer, refusalProblem } from '../answer';
import { endpoint } from '../endpoint';
import { jsonBody } from '../input';

export const createSignalEndpoint = endpoint({
  method: 'POST',
  path: '/v1/signals',
  operationId: 'createSignal',
  summary:
    'Hand in a candidate. It goes the way of a strategy’s: features, memo, policy, approval, order. The same id and body again change nothing.',
  scope: 'signals:write',
  // What it hands in becomes an order without another request.
  alsoScope: 'orders:write',
  input: jsonBody(createSignalSchema),
  answers: [{ status: 202, description: 'Taken; `href` tells what becomes of it', schema: createdSignalSchema }],
  problems: [409],
  handle: async ({ actor, input, services }) => {
    const outcome = await services.submitSignal(actor, input);
    if (!outcome.ok) throw refusalProblem(outcome);
    const href = `/v1/signals/${outcome.signalId}`;
    return jsonAnswer({ signal_id: outcome.signalId, status: 'QUEUED', href }, 202, { location: href });
  },
});
