import { z } from 'zod';
import { decimalNumber } from '@/server/contracts/decimal-number';
import type { Side } from '@/server/kernel/vocabulary';
import { candidateMaker } from './candidate';
import { signalParams } from './common-params';
import type { Strategy } from './types';

const NAME = 'fake';
const VERSION = '1';
/** On no allowlist by default, and proposed whether it is quoted or not. */
const REFUSED = 'TSLA';

interface Step {
  readonly symbol: string;
  readonly action: Side;
  /** Sure enough to be approved, or so unsure that a person decides. */
  readonly sure: boolean;
}

const buy = (symbol: string, sure = true): Step => ({ symbol, action: 'BUY', sure });
const sell = (symbol: string): Step => ({ symbol, action: 'SELL', sure: true });

/**
 * One cycle, a minute at the default pace. Under the default policy: what is bought outright is sold again three steps
 * later, so that cash comes back; one purchase is unsure and waits for a person (REVIEW, once a cycle); one symbol is
 * on no allowlist (REJECT). The sale of MSFT closes what a person let through; while nothing is held it is refused as
 * a short sale.
 */
const CYCLE: readonly Step[] = [
  buy('AAPL'),
  buy('MSFT', false),
  buy(REFUSED),
  sell('AAPL'),
  buy('NVDA'),
  buy('SPY'),
  buy('AMZN'),
  sell('NVDA'),
  sell('SPY'),
  sell('AMZN'),
  buy(REFUSED),
  sell('MSFT'),
];

const params = z.strictObject({
  /** Market time between two signals, ms. */
  interval_ms: z.int().min(100).max(3_600_000).default(5_000),
  size_pct: signalParams.size_pct,
  confidence: decimalNumber(0, 1).default(0.71),
  /** Confidence of the purchase that a person has to decide. */
  unsure_confidence: decimalNumber(0, 1).default(0.55),
});

/** Milestone 0's stand-in for a strategy: a fixed cycle on the clock of the quotes, for trying out everything behind it. */
export const fake: Strategy<typeof params> = {
  name: NAME,
  version: VERSION,
  description:
    'A fixed cycle of purchases and sales that is approved, reviewed and rejected in turn. For trying things out.',
  input: 'ticks',
  params,
  create(settings) {
    const candidate = candidateMaker(NAME, VERSION, settings);
    const quoted = new Set<string>();
    let dueMs = Number.NaN;
    let index = 0;
    return {
      onBar: () => null,
      onTick(nowMs, { symbol: justQuoted }) {
        quoted.add(justQuoted);
        if (Number.isNaN(dueMs)) dueMs = nowMs;
        const step = CYCLE[index];
        if (nowMs < dueMs || step === undefined) return null;
        const isThere = step.symbol === REFUSED || quoted.has(step.symbol);
        // A market without the symbol (recorded bars of one) must not stop the cycle: another stands in, after a wait.
        if (!isThere && nowMs < dueMs + settings.interval_ms) return null;
        const symbol = isThere ? step.symbol : justQuoted;
        // From now, not from the last due time: after a gap there is no burst to catch up.
        dueMs = nowMs + settings.interval_ms;
        index = (index + 1) % CYCLE.length;
        const confidence = step.sure ? settings.confidence : settings.unsure_confidence;
        return candidate({ symbol, action: step.action, confidence, sizePct: settings.size_pct, atMs: nowMs });
      },
    };
  },
};
