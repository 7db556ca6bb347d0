import type { BarHolding, BarStore } from '@/server/application/ports/bar-store';
import { newYorkDate } from '@/server/domain/calendar';
import { formatUnits } from '@/server/kernel/money';

const STEP_MS = 31 * 86_400_000;

/**
 * The bars of a holding as CSV, a month at a time: symbol, timestamp (UTC start of a minute, date of a day), open, high, low,
 * close, volume. `import bars --format alpaca` reads it back exactly.
 * @throws HistoryCorruptError
 */
export async function* exportBars(
  store: BarStore,
  { symbol, period, fromMs, toMs }: Pick<BarHolding, 'symbol' | 'period' | 'fromMs' | 'toMs'>,
): AsyncGenerator<string> {
  yield 'symbol,timestamp,open,high,low,close,volume\n';
  for (let afterMs = fromMs; afterMs < toMs; afterMs += STEP_MS) {
    const bars = await store.read({ symbol, period, afterMs, untilMs: Math.min(toMs, afterMs + STEP_MS) });
    const rows = bars.map(({ startMs, open, high, low, close, volume }) => {
      const time = period === '1d' ? newYorkDate(startMs) : new Date(startMs).toISOString().replace('.000Z', 'Z');
      return `${[symbol, time, ...[open, high, low, close, volume].map(formatUnits)].join(',')}\n`;
    });
    yield rows.join('');
  }
}
