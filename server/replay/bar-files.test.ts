import { describe, expect, it } from 'vitest';
import { formatUnits } from '@/server/kernel/money';
import { parseBarFile } from '@/server/replay/bar-files';
import { replayText } from '@/test-support/replay';

const DAILY = `Date,Open,High,Low,Close,Volume,Adj Close
2001-07-05,12,13,11,12.5,100,6
2001-07-03,10,11,9,10.5,200,5
`;

describe('recorded bars', () => {
  it('are read from NinjaTrader minutes, labelled with their end', () => {
    const [bar] = parseBarFile('20110103 143100;126.35;126.39;126.3;126.39;1579\r\n', 'ninjatrader', 'SPY');
    expect(bar).toMatchObject({
      symbol: 'SPY',
      startMs: Date.UTC(2011, 0, 3, 14, 30),
      endMs: Date.UTC(2011, 0, 3, 14, 31),
    });
    expect(bar && formatUnits(bar.close)).toBe('126.39');
  });

  it('are read from daily rows, newest first or not, each on its session, half days included', () => {
    const [first, second] = parseBarFile(DAILY, 'csv', 'ORCL');
    // The third of July 2001 closed at 13:00 New York time.
    expect(first).toMatchObject({ startMs: Date.UTC(2001, 6, 3, 13, 30), endMs: Date.UTC(2001, 6, 3, 17) });
    expect(second?.endMs).toBe(Date.UTC(2001, 6, 5, 20));
  });

  it.each<[string, 'csv' | 'ninjatrader', number, string]>([
    ['20110103 143100;1;2;1', 'ninjatrader', 1, 'must be yyyyMMdd'],
    ['20111303 143100;1;2;1;1;1', 'ninjatrader', 1, 'not a time'],
    ['20110103 143100;x;2;1;1;1', 'ninjatrader', 1, 'not a decimal'],
    ['20110103 143100;1;1;2;1;1', 'ninjatrader', 1, 'high'],
    ['20110103 143100;1;1;0;1;1', 'ninjatrader', 1, 'greater than zero'],
    ['20110103 143100;1;1;1;1;1\n20110103 143100;1;1;1;1;1', 'ninjatrader', 2, 'repeated'],
    ['Date,Open\n', 'csv', 1, 'header'],
    [`${DAILY}2001-07-04,1,1,1,1,1,1`, 'csv', 4, 'not a trading day'],
    ['Date,Open,High,Low,Close,Volume\n03/07/2001,1,1,1,1,1', 'csv', 2, 'day and month cannot be distinguished'],
  ])('%j is refused by its line', (text, format, line, reason) => {
    expect(() => parseBarFile(text, format, 'SPY')).toThrow(
      expect.objectContaining({ line, reason: expect.stringContaining(reason) }),
    );
  });

  it('run between the lines of a scenario, closing expectations after all of them', () => {
    const bars = parseBarFile(DAILY, 'csv', 'ORCL');
    const rows = [
      { scenario: 1, name: 'x', start: '2001-07-03T13:00:00Z', cash: '100', gate: 'off', exchange: { mode: 'bars' } },
      {
        at: '2001-07-03T17:00:00Z',
        type: 'order',
        id: 'o',
        symbol: 'ORCL',
        side: 'BUY',
        qty: '1',
        order_type: 'MARKET',
      },
      { type: 'expect', id: 'o', status: 'FILLED', avg_price: '12' },
      { type: 'expect', account: { equity: '100.5' } },
    ];
    const { report } = replayText(rows.map((row) => JSON.stringify(row)).join('\n'), bars);
    expect(report).toMatchObject({ held: 2, failures: [], bars: 2, barsInSession: 2, events: 3 });
    const late = JSON.stringify({ ...rows[0], start: '2001-07-04T00:00:00Z' });
    expect(replayText(late, bars).report.bars).toBe(1);
  });
});
