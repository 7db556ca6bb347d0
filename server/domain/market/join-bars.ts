import type { Bar } from '@/server/domain/exchange/types';

/** Minutes joined into longer bars that begin on multiples of their length; oldest first, as they come. */
export function joinBars(minutes: readonly Bar[], stepMs: number): Bar[] {
  const joined: Bar[] = [];
  for (const bar of minutes) {
    const startMs = Math.floor(bar.startMs / stepMs) * stepMs;
    const last = joined.at(-1);
    if (last === undefined || last.startMs !== startMs) {
      joined.push({ ...bar, startMs, endMs: startMs + stepMs });
      continue;
    }
    joined[joined.length - 1] = {
      ...last,
      high: bar.high > last.high ? bar.high : last.high,
      low: bar.low < last.low ? bar.low : last.low,
      close: bar.close,
      volume: last.volume + bar.volume,
    };
  }
  return joined;
}
