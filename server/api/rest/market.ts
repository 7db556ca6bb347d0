import { BarQueryError } from '@/server/application/history/market-reads';
import { featuresSchema } from '@/server/contracts/features';
import { barListSchema, barQuerySchema, marketQuoteSchema } from '@/server/contracts/market';
import { endpoint } from './endpoint';
import { conditionalAnswer } from './etag';
import { noInput, queryString } from './input';
import { ProblemError } from './problem';

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
    // The age is left out of the tag: the same quote a moment later is the same content.
    const { age_seconds: _age, ...identity } = quote;
    return conditionalAnswer(request, quote, { identity });
  },
});

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
      if (page === null) throw new ProblemError('NOT_FOUND', `There is no data for ${symbol}`);
      return conditionalAnswer(request, page);
    } catch (error) {
      if (!(error instanceof BarQueryError)) throw error;
      const { field, message } = error;
      throw new ProblemError('VALIDATION_FAILED', `${field}: ${message}`, { errors: [{ field, message }] });
    }
  },
});

export const getFeaturesEndpoint = endpoint({
  method: 'GET',
  path: '/v1/features/{symbol}',
  operationId: 'getFeatures',
  summary:
    'Indicators of a symbol as of its newest bar, with the liquidity, correlation and events that the gate judges by.',
  scope: 'market:read',
  conditional: true,
  input: noInput,
  answers: [{ status: 200, description: 'The features', schema: featuresSchema }],
  handle: async ({ symbol, request, services }) => {
    const features = await services.reads.market.features(symbol);
    if (features === null) throw new ProblemError('NOT_FOUND', `No bar of ${symbol} has closed`);
    // The age is left out of the tag: the same features a moment later are the same content.
    const { age_seconds: _age, ...identity } = features;
    return conditionalAnswer(request, features, { identity });
  },
});
