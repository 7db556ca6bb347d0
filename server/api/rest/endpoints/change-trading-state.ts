import { changeTradingStateSchema, tradingStateBodySchema } from '@/server/contracts/trading-state';
import { jsonAnswer, refusalProblem } from '../answer';
import { endpoint } from '../endpoint';
import { jsonBody } from '../input';
import { ProblemError } from '../problem';
import { toTradingStateBody } from '../trading-state-body';

export const changeTradingStateEndpoint = endpoint({
  method: 'POST',
  path: '/v1/trading-state',
  operationId: 'changeTradingState',
  summary: 'Halt all trading, or allow only what reduces risk. Releasing is a person’s act, in the console.',
  scope: 'trading:write',
  input: jsonBody(changeTradingStateSchema),
  answers: [
    {
      status: 200,
      description: 'Done. For a halt: nothing but cancels leaves any more',
      schema: tradingStateBodySchema,
    },
    {
      status: 202,
      description: 'Halt committed; an order on its way still delays the acknowledgement',
      schema: tradingStateBodySchema,
    },
  ],
  handle: async ({ actor, input, services }) => {
    if (input.action === 'release') {
      throw new ProblemError('FORBIDDEN', 'Trading is released by a person in the console, not by a token');
    }
    const { commands } = services;
    const outcome = await (input.action === 'halt'
      ? commands.halt(actor, input.reason)
      : commands.reduce(actor, input.reason));
    if (!outcome.ok) throw refusalProblem(outcome);
    const { halt } = outcome.view;
    return jsonAnswer(toTradingStateBody(outcome.view), halt !== null && halt.acknowledgedAt === null ? 202 : 200);
  },
});
