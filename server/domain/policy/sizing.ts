import type { CompiledPolicy } from '@/server/domain/policy/compile-policy';
import { divideFloor, type Money, ONE, ONE_MONEY, type Units } from '@/server/kernel/money';
import { sizeForStop } from './compile-policy';
import { NOT_EVALUATED, type PolicyFacts, type StageRules } from './types';

/** Four decimals of a share. */
const FRACTION_STEP: Units = 10n ** 8n;

function exposureHeadroom({ grossExposurePct }: PolicyFacts, { maxGrossExposurePct }: CompiledPolicy): Units | null {
  if (grossExposurePct === NOT_EVALUATED) return null;
  return grossExposurePct === null ? 0n : maxGrossExposurePct - grossExposurePct;
}

function positionHeadroom({ positionPct }: PolicyFacts, { maxPositionPct }: CompiledPolicy): Units | null {
  if (positionPct === NOT_EVALUATED || maxPositionPct === null) return null;
  return positionPct === null ? 0n : maxPositionPct - positionPct;
}

/** An amount cannot become a share of an unknown or spent equity: nothing is left then. */
function stageCap({ stage, equity }: PolicyFacts): Units | null {
  if (stage.maxTradeNotional === null) return null;
  return equity === null || equity <= 0n ? 0n : (stage.maxTradeNotional * ONE) / equity;
}

/**
 * Share of equity that policy allows, hits aside: the least of what is asked, what the risk limit allows for the stop,
 * the room left under the exposure and position limits, and the stage's cap (P-9). A closing trade keeps the size it asks.
 */
export function allowedSize(facts: PolicyFacts, policy: CompiledPolicy): Units {
  let size = facts.sizePct;
  if (facts.positionEffect === 'REDUCE') return size;
  const byRisk = sizeForStop(policy, facts.stopDistancePct);
  if (byRisk < size) size = byRisk;
  const headroom = exposureHeadroom(facts, policy);
  if (headroom !== null && headroom < size) size = headroom;
  const room = positionHeadroom(facts, policy);
  if (room !== null && room < size) size = room;
  const cap = stageCap(facts);
  if (cap !== null && cap < size) size = cap;
  return size > 0n ? size : 0n;
}

/**
 * Most that an order may cost under a stage's cap when it is sized: less than the cap by the collar, so that a price within the
 * collar keeps the order within the cap (P-10). Null without a cap.
 */
export function largestNotional({ maxTradeNotional }: StageRules, { priceCollarPct }: CompiledPolicy): Money | null {
  return maxTradeNotional === null ? null : (maxTradeNotional * ONE) / (ONE + priceCollarPct);
}

/**
 * Shares that a share of equity buys at a price, at most `maxNotional` worth, rounded down: whole ones, or four decimals where
 * fractions are traded.
 * @returns 0 when there is no equity or no price
 */
export function quantityFor(
  sizePct: Units,
  equity: Money,
  referencePrice: Units,
  { fractional, maxNotional = null }: { readonly fractional: boolean; readonly maxNotional?: Money | null },
): Units {
  if (sizePct <= 0n || equity <= 0n || referencePrice <= 0n) return 0n;
  const step = fractional ? FRACTION_STEP : ONE;
  const bySize = sizePct * equity;
  const amount = maxNotional !== null && maxNotional * ONE < bySize ? maxNotional * ONE : bySize;
  // size (12) × equity (24) ÷ price (12) has 24 decimals; a step of 12-decimal units removes the other 12.
  return divideFloor(amount, referencePrice * ((ONE_MONEY / ONE) * step)) * step;
}

/** Whether a quantity has no finer part than may be traded. */
export function isTradableQuantity(qty: Units, options: { readonly fractional: boolean }): boolean {
  return qty > 0n && qty % (options.fractional ? FRACTION_STEP : ONE) === 0n;
}
