import { BarQueryError } from '@/server/application/history/market-reads';
import { barListSchema, barQuerySchema } from '@/server/contracts/market';
import { endpoint } from '../endpoint';
import { conditionalAnswer } from '../etag';
import { queryString } from '../input';
import { ProblemError } from '../problem';

export const getBarsEndpoint = endpoint({
  method: 'GET',
  path: '/v1/market/bar/{symbol}',
  operationId: 'getBars',
  summary: 'Bars of a symbol, oldest first: the newest, or those that start in [start, end), page by page.',
  scope: 'market:read',
  conditional: true,
  input: queryString(barQuerySchema),
  answers: [{ status: 200, description: 'A page of bars', schema: barListSchema }],
  handle: async ({ symbol, input, request, services }) => {
    try {
      const page = await services.reads.market.bars(symbol, input);
      if (page === null) throw new ProblemError('NOT_FOUND', `Nothing is known of ${symbol}`);
      return conditionalAnswer(request, page);
    } catch (error) {
      if (!(error instanceof BarQueryError)) throw error;
      const { field, message } = error;
      throw new ProblemError('VALIDATION_FAILED', `${field}: ${message}`, { errors: [{ field, message }] });
    }
  },
});
