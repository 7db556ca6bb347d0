import { featuresSchema } from '@/server/contracts/features';
import { endpoint } from '../endpoint';
import { conditionalAnswer } from '../etag';
import { noInput } from '../input';
import { ProblemError } from '../problem';

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
    // The same features a moment later are the same answer: their age follows from the time of asking.
    const { age_seconds: _age, ...identity } = features;
    return conditionalAnswer(request, features, { identity });
  },
});
