import { z } from 'zod';
import { Ema, Sma } from '@/server/domain/features';
import { candidateMaker } from './candidate';
import { periodParam, signalParams, usesFeatures } from './common-params';
import { confidenceOf } from './confidence';
import { Cross } from './cross';
import type { Strategy } from './types';

interface Average {
  next(input: number): number;
}

function crossParams(fast: number, slow: number) {
  return z
    .strictObject({ fast: periodParam.default(fast), slow: periodParam.default(slow), ...signalParams })
    .refine((params) => params.fast < params.slow, { path: ['fast'], message: 'must be less than slow' });
}

/** BUY when the fast average of the closes crosses above the slow one, SELL when it crosses below. */
function averageCross(
  name: string,
  kind: string,
  periods: { readonly fast: number; readonly slow: number },
  average: (period: number) => Average,
): Strategy<ReturnType<typeof crossParams>> {
  const version = '1';
  return {
    name,
    version,
    description: `Buys when the fast ${kind} moving average of closes crosses above the slow one, sells when it crosses below.`,
    input: 'bars',
    params: crossParams(periods.fast, periods.slow),
    usesFeatures,
    // An exponential average has forgotten its beginning to the last digit after some twenty lengths.
    warmUpBars: ({ slow }) => slow * 20,
    create(params) {
      const fast = average(params.fast);
      const slow = average(params.slow);
      const cross = new Cross();
      const candidate = candidateMaker(name, version, params);
      return {
        onBar({ symbol, endMs, close }, features) {
          const action = cross.next(fast.next(close) - slow.next(close));
          if (action === null) return null;
          const confidence = params.confidence ?? confidenceOf(action, features, 'trend');
          return candidate({ symbol, action, confidence, sizePct: params.size_pct, atMs: endMs });
        },
      };
    },
  };
}

export const emaCross = averageCross('ema-cross', 'exponential', { fast: 12, slow: 26 }, (period) => new Ema(period));
export const smaCross = averageCross('sma-cross', 'simple', { fast: 10, slow: 25 }, (period) => new Sma(period));
