import { signalListQuerySchema, signalListSchema } from '@/server/contracts/signals';
import { endpoint } from '../endpoint';
import { conditionalAnswer } from '../etag';
import { queryString } from '../input';
import { readPage } from '../read-page';

export const listSignalsEndpoint = endpoint({
  method: 'GET',
  path: '/v1/signals',
  operationId: 'listSignals',
  summary: 'Candidates and what became of them, newest first. Follow next_cursor until it is null.',
  scope: 'signals:read',
  conditional: true,
  input: queryString(signalListQuerySchema),
  answers: [{ status: 200, description: 'A page of signals', schema: signalListSchema }],
  handle: async ({ input, request, services }) => {
    const page = await readPage(() => services.reads.signals(input));
    return conditionalAnswer(request, { signals: page.items, next_cursor: page.nextCursor });
  },
});
