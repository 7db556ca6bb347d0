import { signalDetailSchema } from '@/server/contracts/signals';
import { jsonAnswer } from '../answer';
import { endpoint } from '../endpoint';
import { noInput } from '../input';
import { ProblemError } from '../problem';

export const getSignalEndpoint = endpoint({
  method: 'GET',
  path: '/v1/signals/{id}',
  operationId: 'getSignal',
  summary: 'One candidate with its features, the newest judgement, and its order or approval.',
  scope: 'signals:read',
  input: noInput,
  answers: [{ status: 200, description: 'The signal', schema: signalDetailSchema }],
  handle: async ({ id, services }) => {
    const signal = await services.reads.signal(id);
    if (signal === null) throw new ProblemError('NOT_FOUND', 'There is no signal with that id');
    return jsonAnswer(signal);
  },
});
