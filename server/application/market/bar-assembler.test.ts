import { beforeEach, describe, expect, test } from 'vitest';
import type { BarRange, MarketRefusal } from '@/server/application/ports/market-data';
import type { Bar } from '@/server/domain/exchange/types';
import { BarAssembler } from './bar-assembler';
import type { SequencedBar } from './bar-sequence';
import { ALL_MINUTES, MINUTE_MS, type SessionMinutes } from './minutes';
import { QuoteGate } from './quote-gate';
import { MarketTally } from './tally';

/** A round number of minutes. */
const START_MS = Date.parse('2026-01-05T15:00:00Z');

const bar = (symbol: string, minute: number, close = 100n): Bar => ({
  symbol,
  startMs: START_MS + minute * MINUTE_MS,
  endMs: START_MS + (minute + 1) * MINUTE_MS,
  open: close,
  high: close,
  low: close,
  close,
  volume: 7n,
});
const minuteOf = ({ startMs }: Bar) => (startMs - START_MS) / MINUTE_MS;

let stored: string[];
let corrected: string[];
let questions: string[];
/** What the source has, and whether it answers. */
let known: Bar[];
let answers: boolean;
/** Bars of the source that cannot be read. */
let unreadable: MarketRefusal[];
let last: Map<string, Bar>;
let nowMs: number;
/** Whether the venue has said lately what its time is. */
let sure: boolean;
let monotonicMs: number;
let tally: MarketTally;
let minutes: SessionMinutes;
let assembler: BarAssembler;

/** A session that begins at minute 0, for as long as a test needs. */
const FROM_THE_START: SessionMinutes = {
  next: (fromMs) => Math.max(START_MS, ALL_MINUTES.next(fromMs)),
  sessionOf: (startMs) => (startMs < START_MS ? null : START_MS),
};

const at = (minute: number) => {
  nowMs = START_MS + minute * MINUTE_MS;
};

beforeEach(() => {
  [stored, corrected, questions, known] = [[], [], [], []];
  answers = true;
  minutes = ALL_MINUTES;
  unreadable = [];
  sure = true;
  last = new Map();
  monotonicMs = 0;
  tally = new MarketTally();
  const time = { now: () => nowMs, speed: 1 };
  assembler = new BarAssembler({
    marketData: {
      async bars(symbols, { fromMs }: BarRange, refused) {
        questions.push(`${symbols.join()} from ${(fromMs - START_MS) / MINUTE_MS}`);
        if (!answers) throw new Error('no answer');
        for (const each of unreadable) refused?.(each);
        return known.filter((each) => symbols.includes(each.symbol) && each.startMs >= fromMs);
      },
    },
    market: {
      async writeBars(bars: readonly SequencedBar[], announce) {
        for (const { bar: each, source } of bars)
          stored.push(`${each.symbol} ${minuteOf(each)} ${source}${announce ? '' : ' history'}`);
      },
      async correctBars(bars) {
        corrected.push(...bars.map((each) => `${each.symbol} ${minuteOf(each)} ${each.close}`));
        return bars;
      },
      lastBars: async (symbols) => new Map([...last].filter(([symbol]) => symbols.includes(symbol))),
    },
    persist: (work) => work(),
    time,
    confirmedMarketMs: () => (sure ? nowMs : null),
    gate: new QuoteGate(time),
    tally,
    minutes: { next: (ms) => minutes.next(ms), sessionOf: (ms) => minutes.sessionOf(ms) },
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    monotonicMs: () => monotonicMs,
  });
});

describe('bars of all symbols', () => {
  test('begin with what is missing since the last one stored, each symbol from its own; what is old is not announced', async () => {
    last = new Map([
      ['SPY', bar('SPY', 0)],
      ['AAPL', bar('AAPL', -100)],
    ]);
    known = [bar('SPY', 1), bar('SPY', 2), bar('AAPL', -99), bar('AAPL', 1), bar('AAPL', 2)];
    assembler.want(['SPY', 'AAPL']);
    at(3.1);
    await assembler.settle();
    expect(questions).toEqual(['AAPL from -101', 'SPY from -1']);
    expect(stored.filter((line) => line.startsWith('SPY'))).toEqual(['SPY 1 SOURCE', 'SPY 2 SOURCE']);
    const apple = stored.filter((line) => line.startsWith('AAPL'));
    expect(apple.slice(0, 2)).toEqual(['AAPL -99 SOURCE history', 'AAPL -98 CLOCK history']);
    expect(apple.at(-1)).toBe('AAPL 2 SOURCE');
    expect(tally.of('SPY')).toMatchObject({ bars: 2, empty: 0, gaps: 2, lastBarMs: START_MS + 2 * MINUTE_MS });
  });

  test('that were streamed before the first answer do not hide the history before them', async () => {
    minutes = FROM_THE_START;
    known = [bar('SPY', -90), bar('SPY', -89)];
    at(1.2);
    assembler.want(['SPY']);
    assembler.onBar(bar('SPY', 0));
    answers = false;
    await assembler.settle();
    expect(stored).toEqual([]);
    answers = true;
    monotonicMs += 1_000;
    await assembler.settle();
    expect(stored).toEqual(['SPY -90 SOURCE history', 'SPY -89 SOURCE history', 'SPY 0 SOURCE']);
    expect(corrected).toEqual([]);
  });

  test('that are streamed after a break do not hide those that came meanwhile', async () => {
    minutes = FROM_THE_START;
    last = new Map([['SPY', bar('SPY', -90)]]);
    known = [bar('SPY', -50), bar('SPY', -4), bar('SPY', -3)];
    at(-3.8);
    assembler.want(['SPY']);
    await assembler.settle();
    assembler.requestBackfill();
    at(-0.9);
    assembler.onBar(bar('SPY', -2));
    answers = false;
    await assembler.settle();
    answers = true;
    monotonicMs += 1_000;
    await assembler.settle();
    expect(stored.map((each) => each.split(' ')[1])).toEqual(['-50', '-4', '-3', '-2']);
    expect(corrected).toEqual([]);
  });

  test('A23: a bar of the source that cannot be read is never an empty minute', async () => {
    last = new Map([['SPY', bar('SPY', 0)]]);
    known = [bar('SPY', 1), bar('SPY', 3)];
    unreadable = [{ reason: 'unreadable', symbol: 'SPY', atMs: START_MS + 2 * MINUTE_MS, detail: 'no close' }];
    assembler.want(['SPY']);
    at(5.1);
    await assembler.settle();
    expect(stored.slice(0, 2)).toEqual(['SPY 1 SOURCE history', 'SPY 3 SOURCE']);
    expect(tally.of('SPY').refused).toMatchObject({ unreadable: 1 });
  });

  test('A23: nor is one whose prices are refused', async () => {
    last = new Map([['SPY', bar('SPY', 0)]]);
    known = [bar('SPY', 1), { ...bar('SPY', 2), low: 0n, close: 0n }, bar('SPY', 3)];
    assembler.want(['SPY']);
    at(5.1);
    await assembler.settle();
    expect(stored.slice(0, 2)).toEqual(['SPY 1 SOURCE history', 'SPY 3 SOURCE']);
  });

  test('a hole is asked for once it is known, waits while the source does not answer, and is filled when it does', async () => {
    last = new Map([['SPY', bar('SPY', 0)]]);
    assembler.want(['SPY']);
    at(1);
    await assembler.settle();
    known = [bar('SPY', 1), bar('SPY', 2)];
    answers = false;
    at(3);
    assembler.onBar(bar('SPY', 2));
    monotonicMs = 10_000;
    await assembler.settle();
    await assembler.settle();
    expect([stored, questions.length, assembler.missing('SPY')]).toEqual([[], 2, 1]);
    answers = true;
    monotonicMs = 20_000;
    await assembler.settle();
    expect(stored).toEqual(['SPY 1 SOURCE', 'SPY 2 SOURCE']);
    expect([tally.of('SPY').gaps, assembler.missing('SPY')]).toEqual([1, 0]);
  });

  test('a minute that the stream does not send is asked for 5 s after its end, and closed by the clock when the source has none', async () => {
    last = new Map([['SPY', bar('SPY', 0)]]);
    assembler.want(['SPY']);
    at(1);
    await assembler.settle();
    monotonicMs = 10_000;
    at(2);
    await assembler.settle();
    expect([stored, questions.length]).toEqual([[], 1]);
    nowMs += 5_000;
    await assembler.settle();
    expect([stored, questions.length]).toEqual([['SPY 1 CLOCK'], 2]);
    assembler.onBar(bar('SPY', 1, 101n));
    await assembler.settle();
    expect([corrected, tally.of('SPY').corrected]).toEqual([['SPY 1 101'], 1]);
  });

  test('are not concluded to be missing by a clock that the venue has not confirmed', async () => {
    last = new Map([['SPY', bar('SPY', 0)]]);
    assembler.want(['SPY']);
    at(1);
    await assembler.settle();
    monotonicMs = 10_000;
    at(9);
    sure = false;
    await assembler.settle();
    expect([stored, questions.length, assembler.missing('SPY')]).toEqual([[], 1, 0]);
    assembler.onBar(bar('SPY', 1));
    await assembler.settle();
    expect(stored).toEqual(['SPY 1 SOURCE history']);
  });

  test('are refused when they contradict themselves or repeat, and the others go on', async () => {
    last = new Map([['SPY', bar('SPY', 0)]]);
    assembler.want(['SPY']);
    at(1);
    await assembler.settle();
    at(2);
    assembler.onBar({ ...bar('SPY', 1), high: 1n });
    assembler.onBar(bar('SPY', 1));
    assembler.onBar(bar('SPY', 1));
    assembler.onBar(bar('SPY', 9));
    await assembler.settle();
    expect(stored).toEqual(['SPY 1 SOURCE']);
    expect(tally.of('SPY').refused).toEqual({ bad_bar: 1, duplicate: 1, future: 1 });
  });

  test('of a symbol that comes to be wanted are fetched; of one that no longer is, nothing is asked', async () => {
    last = new Map([['SPY', bar('SPY', 0)]]);
    assembler.want(['SPY']);
    at(1);
    await assembler.settle();
    assembler.want(['MSFT']);
    monotonicMs = 10_000;
    at(5);
    await assembler.settle();
    expect(questions.at(-1)).toBe(`MSFT from ${5 - 8 * 60 - 2}`);
    expect(questions).toHaveLength(2);
  });
});
