import { z } from 'zod';
import type { Side } from '@/server/kernel/vocabulary';
import { candidateMaker } from './candidate';
import { signalParams } from './common-params';
import { confidenceOf } from './confidence';
import type { Strategy } from './types';

const NAME = 'band-return';
const VERSION = '1';

// Every parameter has a default, so that {} is valid; signalParams are size_pct and confidence.
const params = z.strictObject({ hold_bars: z.int().min(1).max(1_000).default(30), ...signalParams });

/** Buys when the close comes back into the Bollinger bands from below; sells at the middle band, or when it was held long enough. */
export const bandReturn: Strategy<typeof params> = {
  name: NAME,
  version: VERSION,
  description: 'Buys a return into the Bollinger bands from below, sells at the middle band or after so many bars.',
  input: 'bars',
  params,
  create(settings) {
    const candidate = candidateMaker(NAME, VERSION, settings);
    let below = false;
    let held = 0;
    return {
      onBar({ symbol, endMs, close }, features) {
        const bands = features?.bollinger ?? null;
        if (bands === null) return null;
        const action = decide(close, bands);
        below = close < bands.lower;
        if (held > 0) held += 1;
        if (action === null) return null;
        held = action === 'BUY' ? 1 : 0;
        const confidence = settings.confidence ?? confidenceOf(action, features, 'reversion');
        return candidate({ symbol, action, confidence, sizePct: settings.size_pct, atMs: endMs });
      },
    };

    function decide(close: number, bands: { readonly lower: number; readonly middle: number }): Side | null {
      if (held === 0) return below && close >= bands.lower ? 'BUY' : null;
      return close >= bands.middle || held >= settings.hold_bars ? 'SELL' : null;
    }
  },
};
