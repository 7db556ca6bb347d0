import type { TradingStateView } from '@/server/application/commands';
import {
  changeTradingStateSchema,
  type TradingStateBody,
  tradingStateBodySchema,
} from '@/server/contracts/trading-state';
import { jsonAnswer, refusalProblem } from './answer';
import { endpoint } from './endpoint';
import { jsonBody, noInput } from './input';
import { ProblemError } from './problem';

/** The trading state as REST shows it. */
function toTradingStateBody(view: TradingStateView): TradingStateBody {
  return {
    state: view.state,
    version: view.version,
    changed_at: view.changedAt,
    changed_by: view.changedBy,
    reason: view.reason,
    halt:
      view.halt === null
        ? null
        : {
            id: view.halt.id,
            requested_at: view.halt.requestedAt,
            acknowledged_at: view.halt.acknowledgedAt,
            verified_at: view.halt.verifiedAt,
            progress: { ...view.halt.progress },
          },
    causes: view.causes.map(({ cause, state, reason, openedBy, openedAt, untilNextSession }) => ({
      cause,
      state,
      reason,
      opened_by: openedBy,
      opened_at: openedAt,
      ended_by: untilNextSession ? ['RELEASE', 'NEXT_SESSION'] : ['RELEASE'],
    })),
  };
}

export const getTradingStateEndpoint = endpoint({
  method: 'GET',
  path: '/v1/trading-state',
  operationId: 'getTradingState',
  summary: 'Whether the stack may trade, and the progress of a halt.',
  scope: 'trading:read',
  input: noInput,
  answers: [{ status: 200, description: 'The trading state', schema: tradingStateBodySchema }],
  handle: async ({ services }) => jsonAnswer(toTradingStateBody(await services.commands.tradingState())),
});

export const changeTradingStateEndpoint = endpoint({
  method: 'POST',
  path: '/v1/trading-state',
  operationId: 'changeTradingState',
  summary: 'Halt all trading, or allow only what reduces risk. Releasing requires a person in the console.',
  scope: 'trading:write',
  input: jsonBody(changeTradingStateSchema),
  answers: [
    {
      status: 200,
      description: 'Done. For a halt: nothing but cancels is sent any more',
      schema: tradingStateBodySchema,
    },
    {
      status: 202,
      description: 'Halt committed; an order that is being sent delays the acknowledgement',
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
