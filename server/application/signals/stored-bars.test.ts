import { describe, expect, it } from 'vitest';
import type { Bar } from '@/server/domain/exchange/types';
import { createBarHistory } from './stored-bars';

const MINUTE_MS = 60_000;
const bar = (minute: number, close = 1n): Bar => ({
  symbol: 'SPY',
  startMs: minute * MINUTE_MS,
  endMs: (minute + 1) * MINUTE_MS,
  open: close,
  high: close,
  low: close,
  close,
  volume: 1n,
});

/** Two stores; `between` runs after the first read, whichever store that is. */
function stores(table: Bar[], history: Bar[], between: () => void = () => undefined) {
  let reads = 0;
  const read = (bars: Bar[]) => {
    const answer = [...bars];
    reads += 1;
    if (reads === 1) between();
    return answer;
  };
  return createBarHistory({ barsAfter: async () => read(table) }, { read: async () => read(history) });
}

const minutes = (bars: readonly Bar[]) => bars.map(({ startMs }) => startMs / MINUTE_MS);

describe('the whole window of bars', () => {
  it('lacks no bar when compaction moves a day between the two reads', async () => {
    const [table, history] = [[bar(1), bar(2), bar(3)], [bar(0)]];
    const compact = () => {
      history.push(...table.splice(0, 2));
    };
    expect(minutes(await stores(table, history, compact).complete('SPY', -1, 3 * MINUTE_MS))).toEqual([0, 1, 2, 3]);
  });

  it('takes the figures of the table where both stores hold a bar', async () => {
    const [only] = await stores([bar(1, 2n)], [bar(1, 1n)]).complete('SPY', -1, MINUTE_MS);
    expect(only?.close).toBe(2n);
  });

  it('fails when the history cannot be read, rather than return fewer bars', async () => {
    const failing = createBarHistory(
      { barsAfter: async () => [bar(2)] },
      {
        read: async () => {
          throw new Error('history unreadable');
        },
      },
    );
    await expect(failing.complete('SPY', -1, 2 * MINUTE_MS)).rejects.toThrow('history unreadable');
  });
});
