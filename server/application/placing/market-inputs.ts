import type { GateFeatures, GateQuote, GateSnapshot, ObservedClock } from '@/server/application/ports/placement-store';
import { liquidityScore } from '@/server/domain/features/liquidity';
import { portfolioCorrelation } from '@/server/domain/features/portfolio-correlation';
import type { GateBasis, GateMarket } from '@/server/domain/policy/gate-types';
import { numberFromUnits } from '@/server/domain/policy/number-units';
import type { Money, Units } from '@/server/kernel/money';

/** Features of a bar that ended longer ago than this, in market time, say nothing of now: five bars were missed. */
const MAX_BARS_AGE_MS = 5 * 60_000;
/** For a bar to be fetched and its features to be stored: wall time, which a market at 60 × outruns. */
const WORK_MS = 10_000;
/** The end of a bar may lie ahead of the market's clock by this much; farther ahead it belongs to another market. */
const MAX_AHEAD_MS = 60_000;

const MICRO: Units = 1_000_000n;

/** What floating point may be off by, in millionths: 0.7 must not become 0.699999. */
const TRACE = 1e-6;

/** Six decimals, on the side that holds back: a score down, a correlation up. */
const roundedDown = (value: number): Units => BigInt(Math.floor(value * 1e6 + TRACE)) * MICRO;
const roundedUp = (value: number): Units => BigInt(Math.ceil(value * 1e6 - TRACE)) * MICRO;

const dollars = (value: Money): number => Number(value) / 1e24;

/** The features of a symbol if they are about now: else it is as if there were none. */
export function freshFeatures(
  features: GateFeatures | undefined,
  clock: Pick<ObservedClock, 'speed'>,
  marketNowMs: number,
): GateFeatures | null {
  if (features === undefined) return null;
  const ageMs = marketNowMs - features.atMs;
  return ageMs <= MAX_BARS_AGE_MS + WORK_MS * clock.speed && ageMs >= -MAX_AHEAD_MS ? features : null;
}

function liquidityOf(quote: GateQuote | null, features: GateFeatures | null): Units | null {
  if (quote === null || features === null || features.dollarsPerMinute === null) return null;
  const { bid, ask, bidSize, askSize } = quote;
  return roundedDown(
    liquidityScore({
      bid: numberFromUnits(bid),
      ask: numberFromUnits(ask),
      bidSize: numberFromUnits(bidSize),
      askSize: numberFromUnits(askSize),
      dollarsPerMinute: features.dollarsPerMinute,
    }),
  );
}

/**
 * Liquidity, correlation and event blackout of an order's symbol, from the server's own state. What is missing or old is
 * null, so that it fails closed: no liquidity rejects, an unknown correlation goes to a person.
 * Correlation is with what ELSE is held: that more of the same is the same bet needs no statistics, and is bounded by the
 * limits on size and exposure.
 */
export function marketInputs(
  snapshot: Pick<GateSnapshot, 'quotes' | 'features' | 'events' | 'positions'>,
  clock: Pick<ObservedClock, 'speed'>,
  symbol: string,
  marketNowMs: number,
): Required<Pick<GateMarket, 'eventBlackoutActive' | 'liquidityScore' | 'correlation' | 'basis'>> {
  const fresh = (of: string) => freshFeatures(snapshot.features.get(of), clock, marketNowMs);
  const quote = snapshot.quotes.get(symbol) ?? null;
  const features = fresh(symbol);
  const held = [...snapshot.positions]
    .filter(([of, { qty }]) => of !== symbol && qty !== 0n)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([of, { qty, value }]) => ({ symbol: of, value: qty < 0n ? -dollars(value) : dollars(value) }));
  const correlation = portfolioCorrelation(features?.closes ?? new Map(), held, (of) => fresh(of)?.closes);
  const eventIds = snapshot.events
    .filter(({ symbol: of }) => of === null || of === symbol)
    .filter(({ fromMs, untilMs }) => fromMs <= marketNowMs && marketNowMs < untilMs)
    .map(({ id }) => id)
    .sort();
  const basis: GateBasis = {
    marketNowMs,
    bidSize: quote?.bidSize ?? null,
    askSize: quote?.askSize ?? null,
    dollarsPerMinute: features?.dollarsPerMinute ?? null,
    featuresAtMs: features?.atMs ?? null,
    held: held.map((holding) => ({ ...holding, featuresAtMs: fresh(holding.symbol)?.atMs ?? null })),
    eventIds,
  };
  return {
    eventBlackoutActive: eventIds.length > 0,
    liquidityScore: liquidityOf(quote, features),
    correlation: correlation === null ? null : roundedUp(correlation),
    basis,
  };
}
