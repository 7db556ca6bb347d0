import { tradingStateBodySchema } from '@/server/contracts/trading-state';
import { jsonAnswer } from '../answer';
import { endpoint } from '../endpoint';
import { noInput } from '../input';
import { toTradingStateBody } from '../trading-state-body';

export const getTradingStateEndpoint = endpoint({
  method: 'GET',
  path: '/v1/trading-state',
  operationId: 'getTradingState',
  summary: 'Whether the stack may trade, and how far a halt has got.',
  scope: 'trading:read',
  input: noInput,
  answers: [{ status: 200, description: 'The trading state', schema: tradingStateBodySchema }],
  handle: async ({ services }) => jsonAnswer(toTradingStateBody(await services.commands.tradingState())),
});
