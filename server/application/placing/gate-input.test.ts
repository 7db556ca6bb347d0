import { describe, expect, it } from 'vitest';
import { readQuote } from '@/server/application/history/read-quote';
import { formatUnits } from '@/server/kernel/money';
import { gateMarket } from './gate-input';

const NOW = Date.parse('2026-11-23T15:00:30Z');
const quoteAt = (atMs: number) => ({ bid: 100n, ask: 101n, bidSize: 1n, askSize: 1n, atMs });

/** Age of a quote dated `aheadMs` ahead of the market, in seconds, as the gate has it. */
function ageAtGate(aheadMs: number, speed: number): string | null {
  const clock = { isOpen: true, marketTimeMs: NOW, observedAtMs: NOW, nextCloseMs: null, speed };
  const quotes = new Map([['SPY', quoteAt(NOW + aheadMs)]]);
  const market = gateMarket(
    { nowMs: NOW, clock, quotes, features: new Map(), events: [], positions: new Map() },
    'SPY',
  );
  const age = market?.dataAgeSeconds ?? null;
  return age === null ? null : formatUnits(age);
}

async function shown(aheadMs: number, speed: number) {
  const quote = { symbol: 'SPY', ...quoteAt(NOW + aheadMs), receivedAtMs: NOW };
  const quotes = { latest: async () => new Map([['SPY', quote]]) };
  const view = async () => ({ marketNowMs: NOW, speed, isOpen: true, source: null, maxDataAgeSeconds: 30 });
  const body = await readQuote(quotes, view, 'SPY');
  return { age: body?.age_seconds, stale: body?.stale };
}

describe('the age of a quote', () => {
  it.each<[string, number, number, string | null]>([
    ['of before is how long ago it was', -1_500, 1, '1.5'],
    ['of now is nothing', 0, 1, '0'],
    ['a minute ahead of the market is nothing: clocks differ', 60_000, 1, '0'],
    ['further ahead is not known', 60_001, 1, null],
    ['of another day is not known', 86_400_000, 1, null],
    ['two seconds of ours ahead, at 60 times the speed, is nothing', 120_000, 60, '0'],
    ['further ahead at 60 times the speed is not known', 120_001, 60, null],
    ['whose time is none is not known', Number.NaN, 1, null],
  ])('%s', async (_, aheadMs, speed, seconds) => {
    expect(ageAtGate(aheadMs, speed)).toBe(seconds);
    if (Number.isNaN(aheadMs)) return;
    const age = seconds === null ? null : Number(seconds);
    expect(await shown(aheadMs, speed)).toEqual({ age, stale: age === null });
  });
});
