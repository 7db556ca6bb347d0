import { marketQuoteSchema } from '@/server/contracts/market';
import { endpoint } from '../endpoint';
import { conditionalAnswer } from '../etag';
import { noInput } from '../input';
import { ProblemError } from '../problem';

export const getQuoteEndpoint = endpoint({
  method: 'GET',
  path: '/v1/market/quote/{symbol}',
  operationId: 'getQuote',
  summary: 'The newest quote of a symbol, how old it is, and whether anything would open on it.',
  scope: 'market:read',
  conditional: true,
  input: noInput,
  answers: [{ status: 200, description: 'The quote', schema: marketQuoteSchema }],
  handle: async ({ symbol, request, services }) => {
    const quote = await services.reads.market.quote(symbol);
    if (quote === null) throw new ProblemError('NOT_FOUND', `There is no quote of ${symbol}`);
    // The same quote a moment later is the same answer: its age follows from the tag's own content and the clock.
    const { age_seconds: _age, ...identity } = quote;
    return conditionalAnswer(request, quote, { identity });
  },
});
