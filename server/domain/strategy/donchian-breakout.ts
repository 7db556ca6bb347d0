import { z } from 'zod';
import { Donchian } from '@/server/domain/features';
import type { Side } from '@/server/kernel/vocabulary';
import { candidateMaker } from './candidate';
import { periodParam, signalParams, usesFeatures } from './common-params';
import { confidenceOf } from './confidence';
import type { Strategy } from './types';

const NAME = 'donchian-breakout';
const VERSION = '1';

const params = z.strictObject({ entry: periodParam.default(20), exit: periodParam.default(10), ...signalParams });

export const donchianBreakout: Strategy<typeof params> = {
  name: NAME,
  version: VERSION,
  description:
    'Buys a close above the highest high of the entry bars before, sells a close below the lowest low of the exit bars before.',
  input: 'bars',
  params,
  usesFeatures,
  // Where the last breakout went is known by then.
  warmUpBars: (params) => Math.max(params.entry, params.exit) * 10,
  create({ entry, exit, confidence: stated, size_pct: sizePct, stop_atr }) {
    const entries = new Donchian(entry);
    const exits = new Donchian(exit);
    const candidate = candidateMaker(NAME, VERSION, { entry, exit, confidence: stated, size_pct: sizePct, stop_atr });
    // The last signal: a run of new highs is one breakout, and only what was bought is sold.
    let last: Side = 'SELL';
    return {
      onBar({ symbol, endMs, high, low, close }, features) {
        entries.next(high, low);
        exits.next(high, low);
        const breaksOut = last === 'SELL' && close > entries.upper;
        const breaksDown = last === 'BUY' && close < exits.lower;
        if (!breaksOut && !breaksDown) return null;
        last = breaksOut ? 'BUY' : 'SELL';
        const confidence = stated ?? confidenceOf(last, features, 'trend');
        return candidate({ symbol, action: last, confidence, sizePct, atMs: endMs });
      },
    };
  },
};
