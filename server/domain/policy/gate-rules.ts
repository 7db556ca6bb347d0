import { isoTime } from '@/server/kernel/iso-time';
import { formatMoney, formatUnits, ONE, type Units } from '@/server/kernel/money';
import { hasLimitPrice } from '@/server/kernel/vocabulary';
import { exposureAfter, type GateView } from './gate-view';
import { GATE_RULE_TABLE, type GateCode, RULE_SET, type RuleEntry } from './rule-table';
import { type RuleOutcome, UNKNOWN } from './rules';
import { isTradableQuantity } from './sizing';
import { NOT_EVALUATED } from './types';

/** Of the broker's own limit of requests, what the policy may plan with. */
const BROKER_SHARE = 0.9;

/** A rule on the order and the account. */
export interface GateRule extends RuleEntry {
  readonly code: GateCode;
  evaluate(view: GateView): RuleOutcome;
}

function unknownSignal({ input }: GateView): RuleOutcome {
  return input.signal === null
    ? { observed: 'none', threshold: 'registered', message: 'the signal does not exist' }
    : null;
}

function signalMismatch({ input: { signal, order } }: GateView): RuleOutcome {
  if (signal === null || (signal.symbol === order.symbol && signal.action === order.side)) return null;
  const observed = `${order.side} ${order.symbol}`;
  const threshold = `${signal.action} ${signal.symbol}`;
  return { observed, threshold, message: `the order is to ${observed}, the signal to ${threshold}` };
}

function signalConsumed({ input: { signal } }: GateView): RuleOutcome {
  if (signal?.consumed !== true) return null;
  return {
    observed: 'consumed',
    threshold: 'one order',
    message: 'an order or an approval has already used the signal',
  };
}

function signalExpired({ input: { signal, nowMs } }: GateView): RuleOutcome {
  if (signal === null || nowMs < signal.expiresAtMs) return null;
  const threshold = isoTime(signal.expiresAtMs);
  return { observed: isoTime(nowMs), threshold, message: `the signal expired at ${threshold}` };
}

function submitUncertain({ input: { uncertainSubmission, order } }: GateView): RuleOutcome {
  if (uncertainSubmission === false) return null;
  const observed = uncertainSubmission === null ? UNKNOWN : 'uncertain';
  return {
    observed,
    threshold: 'none',
    message: `whether an earlier ${order.symbol} order reached the broker is unknown`,
  };
}

function portfolioStale({ input: { account, policy } }: GateView): RuleOutcome {
  const limit = policy.portfolioMaxAgeSeconds;
  const portfolio = account?.portfolioAgeSeconds ?? null;
  const reconciliation = account?.reconciliationAgeSeconds ?? null;
  const equity = account?.equity ?? null;
  const known = portfolio !== null && reconciliation !== null && equity !== null;
  if (known && portfolio <= limit && reconciliation <= limit) return null;
  const oldest = known ? formatUnits(portfolio > reconciliation ? portfolio : reconciliation) : UNKNOWN;
  const threshold = formatUnits(limit);
  const message = `the portfolio or its last clean reconciliation is ${oldest} s old; at most ${threshold} s is allowed`;
  return { observed: oldest, threshold, message };
}

function shortNotAllowed({ input: { order, account }, positionEffect, sellableQty }: GateView): RuleOutcome {
  if (order.side === 'BUY' || positionEffect === 'REDUCE' || account === null) return null;
  const threshold = formatUnits(sellableQty);
  const observed = order.qty === null ? 'SELL' : formatUnits(order.qty);
  return { observed, threshold, message: `only ${threshold} ${order.symbol} may be sold: short sales are not allowed` };
}

/** Not for an order that a person releases: the rate was judged when it was proposed. */
function orderRateLimit({ input: { recentOrderCount, policy, shown } }: GateView): RuleOutcome {
  if (shown !== undefined) return null;
  if (recentOrderCount !== null && recentOrderCount < policy.maxOrdersPerMinute) return null;
  const observed = recentOrderCount === null ? UNKNOWN : String(recentOrderCount);
  const threshold = String(policy.maxOrdersPerMinute);
  return {
    observed,
    threshold,
    message: `the strategy placed ${observed} orders in the last minute; the limit is ${threshold}`,
  };
}

function orderQuantityLimit({ input: { order, policy }, qty, fractional }: GateView): RuleOutcome {
  if (qty === null) return null;
  const observed = formatUnits(qty);
  if (qty > policy.maxOrderQty) {
    const threshold = formatUnits(policy.maxOrderQty);
    return { observed, threshold, message: `${observed} shares; an order may have at most ${threshold}` };
  }
  if (order.qty === null || isTradableQuantity(qty, { fractional })) return null;
  const threshold = fractional ? '0.0001' : '1';
  return { observed, threshold, message: `a quantity must be a positive multiple of ${threshold}` };
}

/** Closing is not held back by limits, but nothing that is not a quantity may pass. */
function reduceQuantity(view: GateView): RuleOutcome {
  if (view.positionEffect === 'OPEN') return orderQuantityLimit(view);
  if (view.qty === null || view.qty > 0n || view.input.order.qty === null) return null;
  return { observed: formatUnits(view.qty), threshold: '0', message: 'a quantity must be above 0' };
}

/** What needs a price is not evaluated where there is none by agreement, and left to DATA_STALE where it is missing. */
function withoutPrice({ input: { market } }: GateView): RuleOutcome {
  return market?.quote === NOT_EVALUATED ? NOT_EVALUATED : null;
}

function orderNotionalLimit(view: GateView): RuleOutcome {
  if (view.notional === null) return withoutPrice(view);
  const limit = view.input.policy.maxOrderNotional;
  if (view.notional <= limit) return null;
  const observed = formatMoney(view.notional);
  const threshold = formatMoney(limit);
  return { observed, threshold, message: `the order is worth ${observed}; at most ${threshold} is allowed` };
}

/** An order that leaves its size to the gate, and the gate cannot tell: there is no order. */
function unknownSize({ input: { signal } }: GateView): RuleOutcome {
  if (signal === null) return null;
  return {
    observed: UNKNOWN,
    threshold: UNKNOWN,
    message: 'the order cannot be sized without a price and the account equity',
  };
}

function sizeExceeded(view: GateView): RuleOutcome {
  const { allowedQty, qty } = view;
  if (qty === null) return unknownSize(view);
  if (allowedQty === null) return view.referencePrice === null ? withoutPrice(view) : null;
  if (qty <= allowedQty && allowedQty > 0n) return null;
  const observed = formatUnits(qty);
  const threshold = formatUnits(allowedQty);
  const message =
    allowedQty === 0n ? 'the approved size buys no share' : `${observed} shares; the approved size is ${threshold}`;
  return { observed, threshold, message };
}

/** Exposure after the order, against what its approver was shown. */
function exposureDrift(view: GateView): RuleOutcome {
  const { shown, policy } = view.input;
  const drift = policy.approvalExposureDriftPct;
  if (drift === null || shown === undefined || shown.exposureAfter === null) return null;
  const after = exposureAfter(view);
  const edge = shown.exposureAfter + drift;
  if (after !== null && after <= edge) return null;
  const observed = after === null ? UNKNOWN : formatUnits(after);
  const threshold = formatUnits(edge);
  const message = `exposure after the order would be ${observed} of equity; ${formatUnits(shown.exposureAfter)} was shown`;
  return { observed, threshold, message };
}

/** Equity, against what the order's approver was shown. */
function equityDrift({ input: { shown, policy, account } }: GateView): RuleOutcome {
  const drift = policy.approvalEquityDriftPct;
  if (drift === null || shown === undefined || shown.equity === null) return null;
  const equity = account?.equity ?? null;
  const moved = equity === null ? null : (equity > shown.equity ? equity - shown.equity : shown.equity - equity) * ONE;
  if (moved !== null && moved <= shown.equity * drift) return null;
  const observed = equity === null ? UNKNOWN : formatMoney(equity);
  const threshold = formatMoney(shown.equity);
  const message = `equity is ${observed}; ${threshold} was shown, and it may differ by ${formatUnits(drift)}`;
  return { observed, threshold, message };
}

interface Collar {
  readonly price: Units;
  readonly edge: Units;
}

/** The limit price beyond which an order reaches too far through the market. Compared exactly, times ONE. */
function limitBeyondMarket({ input: { order, policy }, quote }: GateView): Collar | null {
  if (order.orderType !== 'LIMIT' || order.limitPrice === null || quote === null) return null;
  const price = order.limitPrice;
  if (order.side === 'BUY') {
    const edge = quote.ask * (ONE + policy.priceCollarPct);
    return price * ONE > edge ? { price, edge: edge / ONE } : null;
  }
  const edge = quote.bid * (ONE - policy.priceCollarPct);
  return price * ONE < edge ? { price, edge: edge / ONE } : null;
}

/** The price has left what the approver saw, either way. A limit order keeps its price; its own collar watches that. */
function movedSinceShown({ input: { order, shown, policy }, referencePrice: price }: GateView): Collar | null {
  if (shown === undefined || price === null || hasLimitPrice(order.orderType)) return null;
  const up = shown.price * (ONE + policy.priceCollarPct);
  const down = shown.price * (ONE - policy.priceCollarPct);
  if (price * ONE > up) return { price, edge: up / ONE };
  return price * ONE < down ? { price, edge: down / ONE } : null;
}

function priceCollar(view: GateView): RuleOutcome {
  const { order, shown, policy, ruleSet = RULE_SET } = view.input;
  // A closing order keeps to the collar too, with a limit of its own (P-12); nothing else about its price is judged.
  if (view.positionEffect === 'REDUCE' && (order.orderType !== 'LIMIT' || ruleSet < 2)) return null;
  if (view.quote === null) return order.orderType === 'LIMIT' || shown !== undefined ? withoutPrice(view) : null;
  const limit = limitBeyondMarket(view);
  const collar = limit ?? movedSinceShown(view);
  if (collar === null) return null;
  const observed = formatUnits(collar.price);
  const threshold = formatUnits(collar.edge);
  const what = limit === null ? 'the price has moved' : 'the limit lies';
  const message = `${what} to ${observed}, past ${threshold}: more than ${formatUnits(policy.priceCollarPct)} away`;
  return { observed, threshold, message };
}

/** What may be spent less what working buys may still cost. */
function buyingPower(view: GateView): RuleOutcome {
  const { input, notional } = view;
  if (input.order.side === 'SELL') return null;
  const power = input.account?.buyingPower ?? null;
  if (power !== null && notional === null) return withoutPrice(view);
  const available = power === null ? null : power - (input.account?.workingBuyNotional ?? 0n);
  if (available !== null && notional !== null && notional <= available) return null;
  const observed = notional === null ? UNKNOWN : formatMoney(notional);
  const threshold = available === null ? UNKNOWN : formatMoney(available);
  return { observed, threshold, message: `the order costs ${observed}; ${threshold} is available` };
}

/** Prices are multiples of $0.01 from $1 on, and of $0.0001 below. */
const isOnIncrement = (price: Units): boolean => price % (price >= ONE ? ONE / 100n : ONE / 10_000n) === 0n;

function priceIncrement({ input: { order } }: GateView): RuleOutcome {
  for (const price of [order.limitPrice, order.stopPrice, order.protectiveStopPrice]) {
    if (price === null || isOnIncrement(price)) continue;
    const observed = formatUnits(price);
    const threshold = price >= ONE ? '0.01' : '0.0001';
    return { observed, threshold, message: `the price ${observed} is not a multiple of ${threshold}` };
  }
  return null;
}

/** The broker refuses orders that could trade with each other: an opposite market or stop order always, limits that cross. */
function selfMatch({ input: { order, account } }: GateView): RuleOutcome {
  const opposite = account?.opposite ?? NOT_EVALUATED;
  if (opposite === NOT_EVALUATED) return NOT_EVALUATED;
  const { atMarket, limit } = opposite;
  const side = order.side === 'BUY' ? 'SELL' : 'BUY';
  const hit = (observed: string): RuleOutcome => ({
    observed,
    threshold: 'none',
    message: `the order could trade with a working ${side} order of our own: ${observed}`,
  });
  if (atMarket) return hit('a market or stop order');
  if (limit === null) return null;
  const price = hasLimitPrice(order.orderType) ? order.limitPrice : null;
  const crosses = price === null || (order.side === 'BUY' ? price >= limit : price <= limit);
  return crosses ? hit(`limit ${formatUnits(limit)}`) : null;
}

/** The stop of a purchase lies below its price, that of a short sale above: any other would trade at once. */
function stopPrice({ input: { order }, referencePrice }: GateView): RuleOutcome {
  const stop = order.protectiveStopPrice;
  if (stop === null) return null;
  const buys = order.side === 'BUY';
  const protects = referencePrice !== null && stop > 0n && (buys ? stop < referencePrice : stop > referencePrice);
  if (protects) return null;
  const observed = formatUnits(stop);
  const threshold = referencePrice === null ? UNKNOWN : formatUnits(referencePrice);
  const where = buys ? 'below' : 'above';
  return {
    observed,
    threshold,
    message: `the protective stop at ${observed} does not lie ${where} the price ${threshold}`,
  };
}

/** A broker sells no share twice: what a stop holds is closed at the market, which cancels the stop first. */
function sharesHeld({ input: { order, account }, positionEffect, sellableQty, qty }: GateView): RuleOutcome {
  if (positionEffect !== 'REDUCE' || order.orderType === 'MARKET' || account === null || qty === null) return null;
  const free = sellableQty - account.protectedQty;
  if (qty <= free) return null;
  const observed = formatUnits(qty);
  const threshold = formatUnits(free > 0n ? free : 0n);
  return {
    observed,
    threshold,
    message: `a protective stop holds the shares: ${threshold} are free. A market order closes them and ends the stop`,
  };
}

function positionLimit({ facts: { positionPct, symbol }, input: { policy } }: GateView): RuleOutcome {
  const limit = policy.maxPositionPct;
  if (limit === null || positionPct === NOT_EVALUATED) return null;
  if (positionPct !== null && positionPct < limit) return null;
  const observed = positionPct === null ? UNKNOWN : formatUnits(positionPct);
  const threshold = formatUnits(limit);
  return {
    observed,
    threshold,
    message: `the position in ${symbol} is ${observed} of equity; the limit is ${threshold}`,
  };
}

/** A count at its limit allows no more. @param count null: unknown */
function countLimit(count: number | null, limit: number | null, what: string): RuleOutcome {
  if (limit === null || (count !== null && count < limit)) return null;
  const observed = count === null ? UNKNOWN : String(count);
  const threshold = String(limit);
  return { observed, threshold, message: `${observed} ${what}; the limit is ${threshold}` };
}

function maxOpenPositions({ input: { account, order, policy } }: GateView): RuleOutcome {
  if (account?.activeSymbols.includes(order.symbol)) return null;
  return countLimit(account?.activeSymbols.length ?? null, policy.maxOpenPositions, 'symbols are held or being bought');
}

const maxOpenOrders = ({ input: { account, policy } }: GateView): RuleOutcome =>
  countLimit(account?.openingOrderCount ?? null, policy.maxOpenOrders, 'opening orders are working');

function dailyTurnoverLimit({ input: { account, policy }, notional }: GateView): RuleOutcome {
  const limit = policy.maxDailyTurnover;
  if (limit === null) return null;
  const opened = account?.openedNotional ?? null;
  const equity = account?.equity ?? null;
  const most = equity === null || equity <= 0n ? null : (limit * equity) / ONE;
  const total = opened === null ? null : opened + (notional ?? 0n);
  if (total !== null && most !== null && total <= most) return null;
  const observed = total === null ? UNKNOWN : formatMoney(total);
  const threshold = most === null ? UNKNOWN : formatMoney(most);
  return {
    observed,
    threshold,
    message: `with this order ${observed} would be opened today; the limit is ${threshold}`,
  };
}

function duplicateOrder({ input: { account, order, policy } }: GateView): RuleOutcome {
  if (policy.duplicateWindowSeconds === null || account?.duplicate !== true) return null;
  const threshold = formatUnits(policy.duplicateWindowSeconds);
  return {
    observed: 'duplicate',
    threshold,
    message: `an equal ${order.side} of ${order.symbol} was placed within the last ${threshold} s`,
  };
}

/** A memo that failed is the subject of REASONING_FAILED. */
function memoRequired({ input: { signal, policy } }: GateView): RuleOutcome {
  if (!policy.memoRequired || signal === null) return null;
  const status = signal.reasoning?.status ?? 'none';
  if (status !== 'none' && status !== 'DISABLED') return null;
  return { observed: status, threshold: 'a memo', message: 'the signal has no memo: manual approval required' };
}

function scopeHalted({ input: { haltedScope }, positionEffect }: GateView): RuleOutcome {
  if (haltedScope === undefined) return NOT_EVALUATED;
  if (haltedScope === null || (haltedScope.reduced && positionEffect === 'REDUCE')) return null;
  const { name } = haltedScope;
  return { observed: name, threshold: 'not halted', message: `${name} is halted` };
}

/** A closing order at the market is an exit: it is taken and waits until the symbol trades. */
function symbolHalted({ input: { symbolStatus, order }, positionEffect }: GateView): RuleOutcome {
  if (symbolStatus === undefined) return NOT_EVALUATED;
  if (symbolStatus === 'trading' || (positionEffect === 'REDUCE' && order.orderType === 'MARKET')) return null;
  return {
    observed: symbolStatus,
    threshold: 'trading',
    message: `${order.symbol} is ${symbolStatus} at the exchange`,
  };
}

/**
 * Opening orders leave a part of the broker's requests to cancels, exits, stops, halts and reconciliation. Where the venue has no
 * limit the rule is not evaluated.
 */
function messageRate({ input: { account, policy } }: GateView): RuleOutcome {
  const { maxRequestsPerMinute: most, reservedRequestsPerMinute: reserved } = policy;
  if (most === null) return null;
  const allowed = account?.requestsAllowed ?? 0;
  if (allowed === 0) return NOT_EVALUATED;
  const limit = Math.max(0, Math.min(most, Math.floor(allowed * BROKER_SHARE)) - (reserved ?? 0));
  return countLimit(account?.requestsUsed ?? null, limit, 'requests to the broker within a minute');
}

const EVALUATE: Readonly<Record<GateCode, GateRule['evaluate']>> = {
  UNKNOWN_SIGNAL: unknownSignal,
  SIGNAL_MISMATCH: signalMismatch,
  SIGNAL_CONSUMED: signalConsumed,
  SIGNAL_EXPIRED: signalExpired,
  SUBMIT_UNCERTAIN: submitUncertain,
  PORTFOLIO_STALE: portfolioStale,
  SHORT_NOT_ALLOWED: shortNotAllowed,
  ORDER_RATE_LIMIT: orderRateLimit,
  ORDER_QUANTITY_LIMIT: reduceQuantity,
  ORDER_NOTIONAL_LIMIT: orderNotionalLimit,
  SIZE_EXCEEDED: sizeExceeded,
  EXPOSURE_DRIFT: exposureDrift,
  EQUITY_DRIFT: equityDrift,
  PRICE_COLLAR: priceCollar,
  BUYING_POWER: buyingPower,
  PRICE_INCREMENT: priceIncrement,
  SELF_MATCH: selfMatch,
  POSITION_LIMIT: positionLimit,
  MAX_OPEN_POSITIONS: maxOpenPositions,
  MAX_OPEN_ORDERS: maxOpenOrders,
  DAILY_TURNOVER_LIMIT: dailyTurnoverLimit,
  DUPLICATE_ORDER: duplicateOrder,
  MEMO_REQUIRED: memoRequired,
  SCOPE_HALTED: scopeHalted,
  SYMBOL_HALTED: symbolHalted,
  MESSAGE_RATE: messageRate,
  STOP_PRICE: stopPrice,
  SHARES_HELD: sharesHeld,
};

/** The gate's own rules, in the order of the table. */
export const GATE_RULES: readonly GateRule[] = GATE_RULE_TABLE.map((entry) => ({
  ...entry,
  evaluate: EVALUATE[entry.code],
}));
