import { quoteAgeMs } from '@/server/application/market/quote-age';
import type { ProtectionGround, SendFacts, SendPricing, SendVerdict } from '@/server/application/ports/execution-store';
import { CLOCK_MAX_AGE_MS, isRecent } from '@/server/domain/market/market-clock';
import { formatUnits, ONE } from '@/server/kernel/money';
import { judgeDecision, type OrderCaps } from './judge-decision';
import { venueRefusal } from './stage-venue';

const never = (why: string): SendVerdict => ({ kind: 'never', why });
const wait = (why: string): SendVerdict => ({ kind: 'wait', why });

function judgeTradingState({ tradingState, kind, positionEffect }: SendFacts): SendVerdict | null {
  if (kind === 'FLATTEN' || kind === 'PROTECTIVE' || tradingState === 'ACTIVE') return null;
  if (tradingState === 'HALTED') return never('trading is halted');
  return positionEffect === 'REDUCE' ? null : never('trading is reducing: nothing that opens risk is sent');
}

/** A quote is never too old within this wall time: where the market's time runs faster, a pause of ours is long there. */
const LEAST_QUOTE_AGE_MS = 2_000;

/** Bid and offer of a quote that makes sense and is as young as the policy demands; null without one. */
function liveQuote({ quote, market, quoteMaxAgeMs }: SendPricing): SendPricing['quote'] {
  if (quote === null || market === null || quoteMaxAgeMs === null) return null;
  if (quote.bid <= 0n || quote.ask < quote.bid) return null;
  const ageMs = quoteAgeMs(market.nowMs, quote.quotedAtMs, market.speed);
  return isRecent(ageMs, Math.max(quoteMaxAgeMs, LEAST_QUOTE_AGE_MS * market.speed)) ? quote : null;
}

/**
 * Price protection (P-12). An opening market order is not sent where the market has become worse than its decision by more than the
 * collar, or while no live quote is known; a closing limit order keeps to the collar. Nothing else is refused for its price.
 */
function judgePrice({ positionEffect, pricing }: SendFacts): SendVerdict | null {
  const { side, orderType, limitPrice, referencePrice, collarPct } = pricing;
  const opening = positionEffect === 'OPEN' && orderType === 'MARKET';
  const closing = positionEffect === 'REDUCE' && orderType === 'LIMIT';
  if (!opening && !closing) return null;
  if (collarPct === null) return never('there is no active policy');
  const quote = liveQuote(pricing);
  if (quote === null) return opening ? never('DATA_STALE: there is no live quote to send a market order on') : null;
  const [name, price] = side === 'BUY' ? (['ask', quote.ask] as const) : (['bid', quote.bid] as const);
  const judged = opening ? price : limitPrice;
  if (judged === null) return null;
  const edge = (opening ? referencePrice : price) * (side === 'BUY' ? ONE + collarPct : ONE - collarPct);
  if (side === 'BUY' ? judged * ONE <= edge : judged * ONE >= edge) return null;
  const what = opening ? `the ${name} is` : 'the limit lies at';
  const from = opening ? 'the price of the decision' : `the ${name}`;
  const away = `more than ${formatUnits(collarPct)} away from ${from}`;
  return never(`PRICE_COLLAR: ${what} ${formatUnits(judged)}, past ${formatUnits(edge / ONE)}: ${away}`);
}

function protectionFault(ground: ProtectionGround | null): string | null {
  if (ground === null || ground.entryStopPrice === null) return 'it protects no entry of its symbol';
  return ground.stopPrice === ground.entryStopPrice ? null : 'its entry states a stop at another price';
}

/** A stop passes over the trading state, breaks, staleness and hours (O-9), and never sells more than is held. */
function judgeStop({ exitOpen, protection }: SendFacts): SendVerdict {
  if (exitOpen) return never('the position is being closed');
  if (protection === null || protection.protectedQty > protection.held)
    return never('stops would sell more than is held');
  return { kind: 'go' };
}

/** What is wrong with what the order rests on; null when it bears the order. */
function groundFault({ kind, basis, protection }: SendFacts, caps: OrderCaps): string | null {
  if (kind === 'GATED') return judgeDecision(basis, caps);
  if (kind === 'PROTECTIVE') return protectionFault(protection);
  return kind === 'EXTERNAL' ? 'an order that was found at the broker is never sent' : null;
}

/**
 * The last judgement before an order leaves, from facts read after the send lock was had. A flatten rests on its exit alone: it
 * passes over breaks, the clock and reconciliation. Nothing else of the symbol is sent while an exit is open. Waiting ends when
 * the decision expires.
 */
export function judgeSend(facts: SendFacts, caps: OrderCaps): SendVerdict {
  const unfounded = groundFault(facts, caps);
  if (unfounded !== null) return { kind: 'unfounded', why: unfounded };
  if (facts.cancelRequested) return never('cancelled before it was sent');
  const byState = judgeTradingState(facts);
  if (byState !== null) return byState;
  if (facts.expired) return never('the decision expired before the order could be sent');
  if (facts.kind === 'FLATTEN') return facts.exitOpen ? { kind: 'go' } : never('its exit has ended');
  if (facts.kind === 'PROTECTIVE') return judgeStop(facts);
  if (facts.exitOpen) return never('the position is being closed');
  // The stage may have been changed since the worker started and since the order was approved.
  const forbidden = facts.environment === null ? null : venueRefusal(facts.stage, facts.environment);
  if (forbidden !== null) return never(forbidden);
  if (facts.breakOpen) return never('a reconciliation break on the symbol or on cash is unresolved');
  if (facts.symbolUncertain) return wait('another order of the symbol is uncertain');
  if (!isRecent(facts.clockAgeMs, CLOCK_MAX_AGE_MS)) return wait("the broker's clock has not been read recently");
  if (!isRecent(facts.reconciledAgeMs, facts.portfolioMaxAgeMs)) return wait('there is no recent reconciliation');
  if (!facts.marketOpen) return never('the market is closed');
  return judgePrice(facts) ?? { kind: 'go' };
}
