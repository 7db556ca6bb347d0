import type { FeatureSnapshot } from '@/server/domain/features/feature-snapshot';
import type { Side } from '@/server/kernel/vocabulary';

/** `trend` bets that a move goes on, `reversion` that it turns back. */
export type Style = 'trend' | 'reversion';

type Known = Pick<FeatureSnapshot, 'close' | 'ema20' | 'atr14' | 'rsi14' | 'relativeVolume' | 'volatility20'>;

/** Distance from the average that counts in full, in average true ranges. */
const FAR = 2;
/** Volume, as a multiple of the usual, that leaves nothing to wish. */
const BUSY = 2;
/** Deviation of a bar's return at which calm is worth half. */
const RESTLESS = 0.005;

const share = (value: number): number => (value > 1 ? 1 : value > 0 ? value : 0);

/** -1 to 1: how far the price has gone in the trade's direction from its average; null while unknown. */
function lead({ close, ema20, atr14 }: Known, side: Side): number | null {
  if (ema20 === null || atr14 === null || !(atr14 > 0)) return null;
  const distance = (close - ema20) / atr14 / FAR;
  const ahead = Math.max(-1, Math.min(1, distance));
  return side === 'BUY' ? ahead : -ahead;
}

/**
 * How sure a proposal is, 0 to 1 with 4 decimals: `0.4 agreement + 0.25 room + 0.2 volume + 0.15 calm`. Each part is 0 to 1; one
 * whose figures are not known counts as nothing, so that a strategy that is hardly warm asks a person.
 * - agreement: `(1 + lead) / 2` for a trend, `(1 - lead) / 2` for a reversion, where lead is (close - EMA 20) / (2 × ATR 14) in
 *   the trade's direction, held within -1 and 1
 * - room: `(100 - RSI 14) / 50` for a purchase, `RSI 14 / 50` for a sale, at most 1: whether the move is exhausted
 * - volume: relative volume / 2, at most 1
 * - calm: `1 / (1 + volatility / 0.005)`, the volatility being that of the last 20 returns
 */
export function confidenceOf(side: Side, features: Known | null | undefined, style: Style): number {
  if (features === null || features === undefined) return 0;
  const { agreement, room, volume, calm } = confidenceParts(side, features, style);
  return Math.round((0.4 * agreement + 0.25 * room + 0.2 * volume + 0.15 * calm) * 1e4) / 1e4;
}

/** The parts of {@link confidenceOf}, each 0 to 1. */
export function confidenceParts(
  side: Side,
  features: Known,
  style: Style,
): Readonly<Record<'agreement' | 'room' | 'volume' | 'calm', number>> {
  const { rsi14, relativeVolume, volatility20 } = features;
  const ahead = lead(features, side);
  return {
    agreement: ahead === null ? 0 : (1 + (style === 'trend' ? ahead : -ahead)) / 2,
    room: rsi14 === null ? 0 : share((side === 'BUY' ? 100 - rsi14 : rsi14) / 50),
    volume: relativeVolume === null ? 0 : share(relativeVolume / BUSY),
    calm: volatility20 === null ? 0 : 1 / (1 + volatility20 / RESTLESS),
  };
}
