import { describe, expect, it } from 'vitest';
import { scenarioHeaderSchema } from '@/server/contracts/scenario';
import { sessionsBetween } from '@/server/domain/calendar';
import type { Bar } from '@/server/domain/exchange/types';
import type { SignalCandidate } from '@/server/domain/strategy/types';
import { formatMoney, parseUnits } from '@/server/kernel/money';
import type { Side } from '@/server/kernel/vocabulary';
import { ReplayEngine } from '@/server/replay/engine';
import type { TradeRules } from '@/server/replay/signal-trades';

const SESSIONS = sessionsBetween('2024-03-04', '2024-03-08');

/** A day that opens and closes at these prices. */
function dayOf(n: number, open: number, close: number): Bar {
  const session = SESSIONS[n];
  if (session === undefined) throw new Error('too few sessions');
  const [low, high] = [Math.min(open, close), Math.max(open, close)];
  const units = (value: number) => parseUnits(String(value));
  return {
    symbol: 'SPY',
    startMs: session.openMs,
    endMs: session.closeMs,
    open: units(open),
    high: units(high),
    low: units(low),
    close: units(close),
    volume: units(1_000),
  };
}

/** Runs days with one signal after each; null is none. */
function run(rules: TradeRules, days: readonly (readonly [open: number, close: number, signal: Side | null])[]) {
  const lines: string[] = [];
  const first = SESSIONS[0]?.openMs ?? 0;
  const header = scenarioHeaderSchema.parse({
    scenario: 1,
    name: 'trades',
    start: new Date(first).toISOString(),
    cash: '1000',
    gate: 'off',
    exchange: { mode: 'bars', fee_per_share: '0', fee_min: '1' },
  });
  let next: Side | null = null;
  const candidate = (atMs: number): SignalCandidate | null =>
    next === null
      ? null
      : {
          signalId: `00000000-0000-4000-8000-${String(atMs).slice(0, 12).padStart(12, '0')}`,
          strategy: 'test',
          strategyVersion: '1',
          symbol: 'SPY',
          action: next,
          confidence: 1,
          sizePct: 1,
          atMs,
        };
  const setup = {
    symbol: 'SPY',
    input: 'bars' as const,
    usesFeatures: false,
    run: { onBar: ({ endMs }: { readonly endMs: number }) => candidate(endMs) },
  };
  const engine = new ReplayEngine(header, [setup], (line) => lines.push(line), undefined, rules);
  for (const [n, [open, close, signal]] of days.entries()) {
    next = signal;
    const bar = dayOf(n, open, close);
    engine.bar(rules.fill === 'signal' ? { ...bar, endMs: bar.endMs - 1 } : bar);
  }
  const fills = lines
    .filter((line) => line.includes('"type":"fill"'))
    .map((line): { side: string; qty: string; price: string } => JSON.parse(line))
    .map(({ side, qty, price }) => `${side} ${Number(qty)} at ${Number(price)}`);
  return { fills, cash: Number(formatMoney(engine.account.ledger.cash)), engine };
}

describe('signals that are traded without policy', () => {
  it('trade at the next opening, cover before they buy, and never add to a position', () => {
    const { fills, cash } = run({ size: { shares: parseUnits('10') }, shorts: true, fill: 'next-open' }, [
      [10, 11, 'SELL'],
      [12, 13, 'SELL'],
      [14, 15, 'BUY'],
      [16, 17, 'BUY'],
      [18, 19, null],
    ]);
    expect(fills).toEqual(['SELL 10 at 12', 'BUY 10 at 16', 'BUY 10 at 16']);
    expect(cash).toBe(1000 + 120 - 160 - 160 - 3);
  });

  it('trade at the close at which they came, where that is asked for', () => {
    const { fills } = run({ size: { shares: parseUnits('10') }, shorts: false, fill: 'signal' }, [
      [10, 11, 'SELL'],
      [12, 13, 'BUY'],
      [14, 15, 'SELL'],
    ]);
    expect(fills).toEqual(['BUY 10 at 13', 'SELL 10 at 15']);
  });

  it('all-in buy the whole shares that the cash pays for, the fee included', () => {
    const { fills, cash } = run({ size: { cashShare: parseUnits('1') }, shorts: false, fill: 'next-open' }, [
      [10, 10, 'BUY'],
      [9, 9, null],
    ]);
    expect(fills).toEqual(['BUY 111 at 9']);
    expect(cash).toBe(0);
  });

  it('can take a share of the cash', () => {
    const { fills } = run({ size: { cashShare: parseUnits('0.5') }, shorts: false, fill: 'next-open' }, [
      [10, 10, 'BUY'],
      [9, 9, null],
    ]);
    expect(fills).toEqual(['BUY 55 at 9']);
  });

  it('are closed at the last price when asked', () => {
    const { engine } = run({ size: { shares: parseUnits('10') }, shorts: false, fill: 'signal' }, [
      [10, 11, 'BUY'],
      [12, 13, null],
    ]);
    engine.closeAll();
    expect([...engine.account.ledger.positions.values()].every(({ qty }) => qty === 0n)).toBe(true);
    expect(Number(formatMoney(engine.account.ledger.cash))).toBe(1000 - 110 + 130 - 2);
  });
});
