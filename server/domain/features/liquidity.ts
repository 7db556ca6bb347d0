/** What a symbol's liquidity is judged by. Prices in dollars, sizes in shares. */
export interface LiquidityInput {
  readonly bid: number;
  readonly ask: number;
  readonly bidSize: number;
  readonly askSize: number;
  /** Average dollars traded a minute over the last bars; null where no bar is known. */
  readonly dollarsPerMinute: number | null;
}

/** A spread up to this costs nothing, from `WIDEST_BPS` on the market counts as not there. In basis points of the middle. */
const TIGHT_BPS = 2;
const WIDEST_BPS = 50;
/** Dollars displayed on the thinner side, and dollars traded a minute, that leave nothing to wish. */
const DEEP_DOLLARS = 10_000;
const BUSY_DOLLARS = 20_000;

const share = (value: number): number => (value > 1 ? 1 : value > 0 ? value : 0);

/**
 * 0 to 1: `sqrt(spread) * sqrt(sqrt(depth * volume))`, each part 0 to 1 and the more the better. A geometric mean, since depth
 * does not make good for a spread, nor one trade a day for a wide book; the spread, which is paid at once, counts for half.
 * - spread: 1 up to 2 basis points, falling evenly to 0 at 50
 * - depth: dollars displayed on the thinner side, up to 10,000
 * - volume: dollars traded a minute, up to 20,000; unknown counts as 0
 */
export function liquidityScore({ bid, ask, bidSize, askSize, dollarsPerMinute }: LiquidityInput): number {
  if (!(bid > 0 && ask >= bid)) return 0;
  const spreadBps = ((ask - bid) / ((ask + bid) / 2)) * 10_000;
  const spread = share((WIDEST_BPS - spreadBps) / (WIDEST_BPS - TIGHT_BPS));
  const depth = share(Math.min(bid * bidSize, ask * askSize) / DEEP_DOLLARS);
  const volume = share((dollarsPerMinute ?? 0) / BUSY_DOLLARS);
  return Math.sqrt(spread) * Math.sqrt(Math.sqrt(depth * volume));
}
