import { z } from 'zod';
import { decimalNumber } from '@/server/contracts/decimal-number';
import { Rsi } from '@/server/domain/features';
import type { Side } from '@/server/kernel/vocabulary';
import { candidateMaker } from './candidate';
import { periodParam, signalParams, usesFeatures } from './common-params';
import { confidenceOf } from './confidence';
import type { Strategy } from './types';

const NAME = 'rsi-reversion';
const VERSION = '1';

const params = z
  .strictObject({
    period: periodParam.default(14),
    oversold: decimalNumber(0, 100).default(30),
    overbought: decimalNumber(0, 100).default(70),
    ...signalParams,
  })
  .refine(({ oversold, overbought }) => oversold < overbought, {
    path: ['oversold'],
    message: 'must be less than overbought',
  });

/** BUY when the index comes back up through `oversold`, SELL when it comes back down through `overbought`. */
function returned(before: number, now: number, oversold: number, overbought: number): Side | null {
  if (before < oversold && now >= oversold) return 'BUY';
  return before > overbought && now <= overbought ? 'SELL' : null;
}

export const rsiReversion: Strategy<typeof params> = {
  name: NAME,
  version: VERSION,
  description: 'Buys when the relative strength index returns from oversold, sells when it returns from overbought.',
  input: 'bars',
  params,
  usesFeatures,
  // Wilder's average has forgotten its beginning to the last digit after some forty lengths.
  warmUpBars: (params) => params.period * 40,
  create({ period, oversold, overbought, confidence: stated, size_pct: sizePct, stop_atr }) {
    const rsi = new Rsi(period);
    const candidate = candidateMaker(NAME, VERSION, {
      period,
      oversold,
      overbought,
      confidence: stated,
      size_pct: sizePct,
      stop_atr,
    });
    return {
      onBar({ symbol, endMs, close }, features) {
        const before = rsi.value;
        const action = returned(before, rsi.next(close), oversold, overbought);
        if (action === null) return null;
        const confidence = stated ?? confidenceOf(action, features, 'reversion');
        return candidate({ symbol, action, confidence, sizePct, atMs: endMs });
      },
    };
  },
};
