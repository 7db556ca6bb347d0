import { stopAtDistance } from '@/server/domain/order/legs';
import { divideFloor, type Money, minUnits, ONE, type Units } from '@/server/kernel/money';
import { hasLimitPrice, type PositionEffect } from '@/server/kernel/vocabulary';
import type { GateAccount, GateInput } from './gate-types';
import { drawdownOf } from './loss-limits';
import { RULE_SET } from './rule-table';
import { allowedSize, largestNotional, quantityFor } from './sizing';
import { STAGES } from './stages';
import { type Input, NOT_EVALUATED, type PolicyFacts, type StageRules } from './types';

/** What the gate works out of its input before it asks a rule. */
export interface GateView {
  readonly input: GateInput;
  readonly stage: StageRules;
  /** Best bid and offer, if they make sense. */
  readonly quote: { readonly bid: Units; readonly ask: Units } | null;
  readonly referencePrice: Units | null;
  /** What is held less working sells. */
  readonly sellableQty: Units;
  readonly positionEffect: PositionEffect;
  readonly fractional: boolean;
  readonly facts: PolicyFacts;
  readonly allowedSizePct: Units;
  /** Most that may be traded, hits aside; `null` when it cannot be worked out. */
  readonly allowedQty: Units | null;
  /** Asked for, else the most that may be traded. */
  readonly qty: Units | null;
  readonly notional: Money | null;
}

function ceilRatio(numerator: bigint, denominator: bigint): Units {
  return -divideFloor(-numerator * ONE, denominator);
}

function usableQuote(market: GateInput['market']): GateView['quote'] {
  const quote = market?.quote ?? null;
  if (quote === null || quote === NOT_EVALUATED) return null;
  return quote.bid > 0n && quote.ask >= quote.bid ? quote : null;
}

type PricedOrder = Pick<GateInput['order'], 'orderType' | 'side' | 'limitPrice' | 'stopPrice'>;

/** A stop order to buy is reckoned at its trigger where that is dearer than the market. */
function referencePriceOf(order: PricedOrder, quote: GateView['quote']): Units | null {
  if (hasLimitPrice(order.orderType)) return order.limitPrice;
  if (quote === null) return null;
  if (order.side === 'SELL') return quote.bid;
  const { stopPrice } = order;
  return order.orderType === 'STOP' && stopPrice !== null && stopPrice > quote.ask ? stopPrice : quote.ask;
}

/**
 * Price of the stop that lies so far below an opening order's reference price (P-11).
 * @param distancePct share of the price, above 0 and below 1
 * @returns null where the order has no price
 */
export function stopBelow(order: PricedOrder, market: GateInput['market'], distancePct: Units): Units | null {
  const price = referencePriceOf(order, usableQuote(market));
  return price === null ? null : stopAtDistance(order.side, price, distancePct);
}

/**
 * Distance to the stop that the broker will hold, as a share of the price, rounded up. The wider of what the signal
 * states and the order carries; `null`, so that the policy's assumption holds, where nothing rests at the broker.
 */
function stopDistanceOf({ order, signal }: GateInput, referencePrice: Units | null): Units | null {
  const stop = order.protectiveStopPrice;
  if (stop === null || referencePrice === null || order.side !== 'BUY') return null;
  if (stop <= 0n || stop >= referencePrice) return null;
  const carried = ceilRatio(referencePrice - stop, referencePrice);
  const stated = signal?.stopDistancePct ?? null;
  return stated !== null && stated > carried ? stated : carried;
}

/** Positions and working buys over equity, rounded up. */
function exposureOf(input: GateInput, account: GateAccount | null): Units | null {
  if (input.stated !== undefined) return input.stated.grossExposurePct;
  if (account === null || account.equity === null || account.equity <= 0n) return null;
  return ceilRatio(account.grossPositionValue + account.workingBuyNotional, account.equity);
}

/** Position and working buys of the symbol over equity, rounded up. Before rule set 2 they were not counted. */
function positionOf(input: GateInput, account: GateAccount | null): Input<Units> {
  if ((input.ruleSet ?? RULE_SET) < 2) return NOT_EVALUATED;
  if (account === null || account.equity === null || account.equity <= 0n) return null;
  return ceilRatio(account.heldValue + account.symbolBuyNotional, account.equity);
}

function dayProfitOf(account: GateAccount | null): Money | null {
  const equity = account?.equity ?? null;
  const previous = account?.previousCloseEquity ?? null;
  return equity === null || previous === null ? null : equity - previous;
}

/** Without a usable quote the data counts as missing, however young it is said to be. */
function dataAgeOf({ market }: GateInput, quote: GateView['quote']): Units | null {
  if (market === null || (quote === null && market.quote !== NOT_EVALUATED)) return null;
  return market.dataAgeSeconds;
}

function fromMarket<T>(input: GateInput, pick: (market: NonNullable<GateInput['market']>) => Input<T>): Input<T> {
  return input.market === null ? null : pick(input.market);
}

function gateFacts(
  input: GateInput,
  effect: PositionEffect,
  stage: StageRules,
  view: Pick<GateView, 'quote' | 'referencePrice'>,
): PolicyFacts {
  const { signal, account, market } = input;
  return {
    symbol: input.order.symbol,
    positionEffect: effect,
    confidence: signal === null ? NOT_EVALUATED : signal.confidence,
    sizePct: signal?.sizePct ?? 0n,
    stopDistancePct: stopDistanceOf(input, view.referencePrice),
    marketOpen: market?.open ?? null,
    dataAgeSeconds: dataAgeOf(input, view.quote),
    eventBlackoutActive: fromMarket(input, ({ eventBlackoutActive }) => eventBlackoutActive),
    liquidityScore: fromMarket(input, ({ liquidityScore }) => liquidityScore),
    grossExposurePct: exposureOf(input, account),
    positionPct: positionOf(input, account),
    dailyDrawdownPct:
      input.stated?.dailyDrawdownPct ?? drawdownOf(account?.equity ?? null, account?.previousCloseEquity ?? null),
    correlation: fromMarket(input, ({ correlation }) => correlation),
    reasoningStatus: signal?.reasoning?.status ?? NOT_EVALUATED,
    recommendation: signal?.reasoning?.recommendation ?? NOT_EVALUATED,
    tradingState: input.tradingState,
    unresolvedBreak: input.unresolvedBreak,
    stage,
    equity: account?.equity ?? null,
    activeSymbols: account?.activeSymbols ?? null,
    msToClose: market?.msToClose ?? null,
    dayProfit: dayProfitOf(account),
  };
}

/** What the size is computed from. */
interface SizingBasis {
  readonly facts: PolicyFacts;
  readonly price: Units | null;
}

/**
 * The quantity of a countersigned order is judged by the price and equity that its approver was shown, so that a tick refuses
 * nothing: PRICE_COLLAR, EQUITY_DRIFT and EXPOSURE_DRIFT bound how far these may have moved since. Where the policy or the
 * approval lacks one of these bounds, present figures decide.
 */
function sizingBasisOf({ shown, policy }: GateInput, facts: PolicyFacts, price: Units | null): SizingBasis {
  const drift = policy.approvalExposureDriftPct;
  const bounded = drift !== null && policy.approvalEquityDriftPct !== null;
  if (shown === undefined || shown.equity === null || shown.exposureAfter === null || !bounded) return { facts, price };
  const gross = facts.grossExposurePct;
  const grossExposurePct = typeof gross === 'bigint' ? gross - drift : gross;
  return { facts: { ...facts, equity: shown.equity, grossExposurePct }, price: shown.price };
}

/** Before this rule set a closing signal was sized like an opening one. */
const EXITS_SINCE = 4;

/** A signal that names no quantity closes what its strategy holds. */
function exitQtyOf({ account }: GateInput, sellableQty: Units): Units {
  const held = account?.strategyQty ?? 0n;
  return held < 0n ? 0n : minUnits(held, sellableQty);
}

/** Closing what is held is bound by what is held; opening by the approved size. */
function allowedQtyOf(view: Omit<GateView, 'allowedQty' | 'qty' | 'notional'>, basis: SizingBasis): Units | null {
  const { input, sellableQty, fractional, stage } = view;
  const { price, facts } = basis;
  const reducing = view.positionEffect === 'REDUCE';
  if (reducing && input.order.qty !== null) return sellableQty;
  if (reducing && (input.ruleSet ?? RULE_SET) >= EXITS_SINCE) return exitQtyOf(input, sellableQty);
  if (input.signal === null || price === null || facts.equity === null) return null;
  const maxNotional = reducing ? null : largestNotional(stage, input.policy);
  const qty = quantityFor(view.allowedSizePct, facts.equity, price, { fractional, maxNotional });
  return reducing && qty > sellableQty ? sellableQty : qty;
}

/** Only a SELL of at most what is held less working sells is REDUCE. */
export function viewOf(input: GateInput): GateView {
  const { order, account } = input;
  const stage = STAGES[input.stage];
  const quote = usableQuote(input.market);
  const referencePrice = referencePriceOf(order, quote);
  const sellable = account === null ? 0n : account.heldQty - account.workingSellQty;
  const sellableQty = sellable > 0n ? sellable : 0n;
  const reduces = order.side === 'SELL' && sellableQty > 0n && (order.qty === null || order.qty <= sellableQty);
  const positionEffect = reduces ? 'REDUCE' : 'OPEN';
  const facts = gateFacts(input, positionEffect, stage, { quote, referencePrice });
  const basis = sizingBasisOf(input, facts, referencePrice);
  const partial = {
    input,
    stage,
    quote,
    referencePrice,
    sellableQty,
    positionEffect,
    fractional: stage.fractional && order.fractionable,
    facts,
    allowedSizePct: allowedSize(basis.facts, input.policy),
  } as const;
  const allowedQty = allowedQtyOf(partial, basis);
  const qty = order.qty ?? allowedQty;
  const notional = qty === null || referencePrice === null ? null : qty * referencePrice;
  return { ...partial, allowedQty, qty, notional };
}

/** Gross exposure over equity were the order filled: rounded up. */
export function exposureAfter({ facts, notional, positionEffect }: GateView): Units | null {
  const { grossExposurePct: gross, equity } = facts;
  if (typeof gross !== 'bigint' || notional === null || equity === null || equity <= 0n) return null;
  if (positionEffect === 'OPEN') return gross + ceilRatio(notional, equity);
  const left = gross - (notional * ONE) / equity;
  return left > 0n ? left : 0n;
}
