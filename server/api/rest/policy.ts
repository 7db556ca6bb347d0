import { policyRequestSchema, policyResponseSchema } from '@/server/contracts/policy';
import { jsonAnswer, refusalProblem } from './answer';
import { endpoint } from './endpoint';
import { jsonBody } from './input';

export const evaluatePolicyEndpoint = endpoint({
  method: 'POST',
  path: '/v1/policy/evaluate',
  operationId: 'evaluatePolicy',
  summary:
    'Evaluate a candidate as stated and register the signal. Advisory: placing evaluates again from server state.',
  scope: 'policy:evaluate',
  input: jsonBody(policyRequestSchema),
  answers: [{ status: 200, description: 'The decision with every rule hit', schema: policyResponseSchema }],
  problems: [409],
  handle: async ({ actor, input, services }) => {
    const outcome = await services.commands.evaluateCandidate(actor, input);
    if (!outcome.ok) throw refusalProblem(outcome);
    return jsonAnswer(outcome.response);
  },
});
