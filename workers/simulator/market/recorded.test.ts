import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseUnits } from '@/server/kernel/money';
import { haveShared, sharedFile } from '@/test-support/shared';
import { BarsFileError, type RecordedBar, readBarsFile } from './bars-file';
import { pathPrice, RecordedMarket } from './recorded';

const u = parseUnits;
const START = Date.parse('2011-01-03T14:30:00Z');
const MINUTE = 60_000;

function bar(minute: number, open: string, high: string, low: string, close: string, volume = 1200): RecordedBar {
  return { endMs: START + (minute + 1) * MINUTE, open: u(open), high: u(high), low: u(low), close: u(close), volume };
}

function recording(bars: RecordedBar[], spread = '0.02'): RecordedMarket {
  return new RecordedMarket(bars, { symbol: 'SPY', spread: u(spread), stepMs: 10_000, sourceId: 'test' });
}

describe('the path of a bar', () => {
  const path = (each: RecordedBar) => [0, 20_000, 40_000, 59_000].map((offset) => pathPrice(each, offset));

  it('visits the low first when it rises, the high first when it falls', () => {
    expect(path(bar(0, '100', '102', '99', '101'))).toEqual([u('100'), u('99'), u('102'), u('101')]);
    expect(path(bar(0, '101', '102', '99', '100'))).toEqual([u('101'), u('102'), u('99'), u('100')]);
    expect(pathPrice(bar(0, '100', '102', '99', '101'), 10_000)).toBe(u('99.5'));
  });

  it('quotes both sides of it within the range plus half the spread, at least every 10 seconds', () => {
    const price = fc.integer({ min: 10_000, max: 20_000 });
    fc.assert(
      fc.property(fc.array(fc.tuple(price, price, price, price), { minLength: 1, maxLength: 5 }), (rows) => {
        const bars = rows.map(([a, b, open, close], minute) => {
          const text = (cents: number) => (cents / 100).toFixed(2);
          return bar(
            minute,
            text(open),
            text(Math.max(a, b, open, close)),
            text(Math.min(a, b, open, close)),
            text(close),
          );
        });
        const points = recording(bars).pointsBetween(START - 1, START + bars.length * MINUTE);
        let last = START - 10_000;
        for (const { quote, tradePrice } of points) {
          const of = bars[Math.floor((quote.atMs - START) / MINUTE)];
          if (of === undefined) throw new Error('a quote outside every bar');
          expect(tradePrice >= of.low && tradePrice <= of.high).toBe(true);
          expect(quote.ask - tradePrice).toBe(u('0.01'));
          expect(tradePrice - quote.bid).toBe(u('0.01'));
          expect(quote.atMs - last).toBeLessThanOrEqual(10_000);
          last = quote.atMs;
        }
        for (const each of bars) {
          const seen = points.filter(
            (point) => point.quote.atMs >= each.endMs - MINUTE && point.quote.atMs < each.endMs,
          );
          expect(seen.some((point) => point.tradePrice === each.high)).toBe(true);
          expect(seen.some((point) => point.tradePrice === each.low)).toBe(true);
          expect(seen[0]?.tradePrice).toBe(each.open);
          expect(seen[seen.length - 1]?.tradePrice).toBe(each.close);
        }
      }),
    );
  });
});

describe('a recording', () => {
  const bars = [
    bar(0, '100', '101', '99', '100.5'),
    bar(1, '100.5', '102', '100', '101'),
    bar(3, '103', '104', '102', '103'),
  ];

  it('stands at the last close through a minute without trades, and is silent through a closed market', () => {
    const market = recording([...bars, bar(600, '110', '110', '110', '110')]);
    const gap = market.pointsBetween(START + 2 * MINUTE - 1, START + 3 * MINUTE - 1);
    expect(gap.map((point) => point.tradePrice)).toEqual(gap.map(() => u('101')));
    expect(gap.length).toBe(7);
    expect(market.nextPointMs(START + 4 * MINUTE)).toBe(START + 600 * MINUTE);
    expect(market.pointAt('SPY', START + 300 * MINUTE)?.tradePrice).toBe(u('103'));
  });

  it('shows bars only when they are over', () => {
    const market = recording(bars);
    expect(market.lastMinuteBar('SPY', START + MINUTE - 1)).toBeUndefined();
    expect(market.lastMinuteBar('SPY', START + MINUTE)).toMatchObject({ startMs: START, close: u('100.5') });
    expect(market.minuteBars('SPY', START, START + 3 * MINUTE, 10)).toHaveLength(2);
    expect(market.minuteBars('SPY', START + 1, START + 4 * MINUTE, 10)).toHaveLength(2);
    expect(market.minuteBars('SPY', START, START + 4 * MINUTE, 1)).toHaveLength(1);
  });

  it('ends, and says where', () => {
    const market = recording(bars);
    expect(market.endMs).toBe(START + 4 * MINUTE);
    expect(market.nextPointMs(market.endMs - 1000)).toBeNull();
    expect(market.label).toBe('RECORDED SPY, from 2011-01-03 to 2011-01-03');
  });
});

describe('files of bars', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bars-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function write(text: string): string {
    const path = join(folder, 'bars.txt');
    writeFileSync(path, text);
    return path;
  }

  it('are read as NinjaTrader’s or as CSV with a header, both labelled by the end', () => {
    const ninja = readBarsFile(write('20110103 143100;100;101;99;100.5;1200\n'), 'ninjatrader');
    expect(ninja).toEqual([bar(0, '100', '101', '99', '100.5')]);
    const csv = readBarsFile(
      write('Time,Open,High,Low,Close,Volume\n2011-01-03T14:31:00Z,100,101,99,100.5,1200\n'),
      'csv',
    );
    expect(csv).toEqual(ninja);
  });

  it('are refused with the line that is wrong', () => {
    const good = '20110103 143100;100;101;99;100.5;1200\n';
    for (const [text, message] of [
      [`${good}20110103 143200;100;101;99\n`, ':2: six fields expected'],
      [`${good}20110103 143200;100;101;99;abc;5\n`, ':2: "abc" is not a decimal number'],
      [`${good}yesterday;100;101;99;100;5\n`, ':2: "yesterday" is not a time'],
      [`${good}20110103 143200;100;99;101;100;5\n`, ':2: high and low do not enclose'],
      [good + good, ':2: not later than the bar before'],
      ['', 'holds no bars'],
    ] as const) {
      expect(() => readBarsFile(write(text), 'ninjatrader')).toThrow(message);
    }
    expect(() => readBarsFile(join(folder, 'absent'), 'csv')).toThrow(BarsFileError);
  });

  const shared = sharedFile('data/spy-minute-2011-01/nt-spy-minute-2011.csv');
  it.skipIf(!haveShared)('include a month of SPY: 14,180 bars (skipped without ../shared)', () => {
    const bars = readBarsFile(shared, 'ninjatrader');
    expect(bars).toHaveLength(14_180);
    const market = recording(bars);
    const session = market.pointsBetween(START - 1, START + 390 * MINUTE - 1);
    expect(session).toHaveLength(390 * 7);
  });
});
