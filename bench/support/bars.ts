import { nextOpen, sessionOn } from '@/server/domain/calendar';
import type { Bar } from '@/server/domain/exchange/types';
import { seeded } from './random';

const MINUTE_MS = 60_000;
/** One cent as units. */
const CENT = 10n ** 10n;
const SHARE = 10n ** 12n;

/** One-minute bars of a random walk in cents, in session hours only, from the first session of 2015. */
export function minuteBars(count: number): Bar[] {
  const random = seeded(7);
  const bars: Bar[] = [];
  let cents = 10_000;
  let atMs = Date.UTC(2015, 0, 2);
  while (bars.length < count) {
    atMs = nextOpen(atMs);
    const session = sessionOn(new Date(atMs).toISOString().slice(0, 10));
    const closeMs = session?.closeMs ?? atMs;
    for (; atMs < closeMs && bars.length < count; atMs += MINUTE_MS) {
      const open = cents;
      cents = Math.max(1000, cents + Math.round((random() - 0.5) * 20));
      const high = Math.max(open, cents) + Math.floor(random() * 5);
      const low = Math.min(open, cents) - Math.floor(random() * 5);
      bars.push({
        symbol: 'SPY',
        startMs: atMs,
        endMs: atMs + MINUTE_MS,
        open: BigInt(open) * CENT,
        high: BigInt(high) * CENT,
        low: BigInt(low) * CENT,
        close: BigInt(cents) * CENT,
        volume: BigInt(1000 + Math.floor(random() * 9000)) * SHARE,
      });
    }
  }
  return bars;
}
