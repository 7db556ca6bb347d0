import { portfolioBodySchema } from '@/server/contracts/portfolio';
import { jsonAnswer } from './answer';
import { endpoint } from './endpoint';
import { noInput } from './input';

export const getPortfolioEndpoint = endpoint({
  method: 'GET',
  path: '/v1/portfolio',
  operationId: 'getPortfolio',
  summary: 'Account, positions, exposure and the P&L of the day.',
  scope: 'portfolio:read',
  input: noInput,
  answers: [{ status: 200, description: 'The portfolio as last read from the broker', schema: portfolioBodySchema }],
  handle: async ({ services }) => jsonAnswer(await services.reads.portfolio()),
});
