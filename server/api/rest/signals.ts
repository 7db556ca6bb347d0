import {
  createdSignalSchema,
  createSignalSchema,
  generateSignalRequestSchema,
  signalCandidateSchema,
  signalDetailSchema,
  signalListQuerySchema,
  signalListSchema,
} from '@/server/contracts/signals';
import { jsonAnswer, refusalProblem } from './answer';
import { endpoint } from './endpoint';
import { conditionalAnswer } from './etag';
import { jsonBody, noInput, queryString, readPage } from './input';
import { ProblemError } from './problem';

export const generateSignalEndpoint = endpoint({
  method: 'POST',
  path: '/v1/signals/generate',
  operationId: 'generateSignal',
  summary: 'Run a deterministic strategy for a symbol now and store its proposal. Places no order.',
  scope: 'signals:write',
  input: jsonBody(generateSignalRequestSchema),
  answers: [{ status: 200, description: 'The candidate', schema: signalCandidateSchema }],
  handle: async ({ actor, input, services }) => {
    const outcome = await services.generateSignal(actor, input);
    if (outcome.ok) return jsonAnswer(outcome.candidate);
    if (outcome.code !== 'INVALID') throw refusalProblem(outcome);
    throw new ProblemError('VALIDATION_FAILED', outcome.message, {
      errors: [{ field: 'symbol', message: outcome.message }],
    });
  },
});

export const createSignalEndpoint = endpoint({
  method: 'POST',
  path: '/v1/signals',
  operationId: 'createSignal',
  summary:
    'Submit a candidate. It is handled like a strategy’s: features, memo, policy, approval, order. Repeating the same id and body changes nothing.',
  scope: 'signals:write',
  // A submitted candidate becomes an order without another request.
  alsoScope: 'orders:write',
  input: jsonBody(createSignalSchema),
  answers: [{ status: 202, description: 'Queued; `href` shows its progress', schema: createdSignalSchema }],
  problems: [409],
  handle: async ({ actor, input, services }) => {
    const outcome = await services.submitSignal(actor, input);
    if (!outcome.ok) throw refusalProblem(outcome);
    const href = `/v1/signals/${outcome.signalId}`;
    return jsonAnswer({ signal_id: outcome.signalId, status: 'QUEUED', href }, 202, { location: href });
  },
});

export const listSignalsEndpoint = endpoint({
  method: 'GET',
  path: '/v1/signals',
  operationId: 'listSignals',
  summary: 'Candidates and their outcomes, newest first. Follow next_cursor until it is null.',
  scope: 'signals:read',
  conditional: true,
  input: queryString(signalListQuerySchema),
  answers: [{ status: 200, description: 'A page of signals', schema: signalListSchema }],
  handle: async ({ input, request, services }) => {
    const page = await readPage(() => services.reads.signals(input));
    return conditionalAnswer(request, { signals: page.items, next_cursor: page.nextCursor });
  },
});

export const getSignalEndpoint = endpoint({
  method: 'GET',
  path: '/v1/signals/{id}',
  operationId: 'getSignal',
  summary: 'One candidate with its features, the newest decision, and its order or approval.',
  scope: 'signals:read',
  input: noInput,
  answers: [{ status: 200, description: 'The signal', schema: signalDetailSchema }],
  handle: async ({ id, services }) => {
    const signal = await services.reads.signal(id);
    if (signal === null) throw new ProblemError('NOT_FOUND', 'There is no signal with that id');
    return jsonAnswer(signal);
  },
});
