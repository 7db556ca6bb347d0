import { generateSignalRequestSchema, signalCandidateSchema } from '@/server/contracts/signals';
import { jsonAnswer, refusalProblem } from '../answer';
import { endpoint } from '../endpoint';
import { jsonBody } from '../input';
import { ProblemError } from '../problem';

export const generateSignalEndpoint = endpoint({
  method: 'POST',
  path: '/v1/signals/generate',
  operationId: 'generateSignal',
  summary: 'Run a deterministic strategy for a symbol now and store what it proposes. Orders nothing.',
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
