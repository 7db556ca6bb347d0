import { strategyListSchema } from '@/server/contracts/strategies';
import { jsonAnswer } from '../answer';
import { endpoint } from '../endpoint';
import { noInput } from '../input';

export const listStrategiesEndpoint = endpoint({
  method: 'GET',
  path: '/v1/strategies',
  operationId: 'listStrategies',
  summary: 'Every strategy with its parameters and what it does on each symbol.',
  scope: 'strategies:read',
  input: noInput,
  answers: [{ status: 200, description: 'All strategies', schema: strategyListSchema }],
  handle: async ({ services }) => jsonAnswer({ strategies: await services.commands.strategies() }),
});
