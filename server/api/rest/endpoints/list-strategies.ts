import { strategyListSchema } from '@/server/contracts/strategies';
import { endpoint } from '../endpoint';
import { conditionalAnswer } from '../etag';
import { noInput } from '../input';

export const listStrategiesEndpoint = endpoint({
  method: 'GET',
  path: '/v1/strategies',
  operationId: 'listStrategies',
  summary: 'Every strategy with its parameters and what it does on each symbol.',
  scope: 'strategies:read',
  conditional: true,
  input: noInput,
  answers: [{ status: 200, description: 'All strategies', schema: strategyListSchema }],
  handle: async ({ request, services }) =>
    conditionalAnswer(request, { strategies: await services.commands.strategies() }),
});
