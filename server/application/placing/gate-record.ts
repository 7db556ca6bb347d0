import { figuresRecord, READ_FIGURES, readFigures, SUMMED_FIGURES } from '@/server/domain/policy/account-figures';
import type { CompiledPolicy } from '@/server/domain/policy/compile-policy';
import type { GateAccount, GateBasis, GateInput, ShownFigures } from '@/server/domain/policy/gate-types';
import { RULE_SET } from '@/server/domain/policy/rule-table';
import { NOT_EVALUATED } from '@/server/domain/policy/types';
import { formatMoney, formatUnits, parseMoney, parseUnits, type Units } from '@/server/kernel/money';

/** JSON form of a gate input without its policy, which is named by version. */
export type GateRecord = ReturnType<typeof gateRecord>;

const units = (value: Units | null) => (value === null ? null : formatUnits(value));
const optional = <T, R>(value: T | typeof NOT_EVALUATED, map: (value: T) => R) =>
  value === NOT_EVALUATED ? NOT_EVALUATED : map(value);

function basisRecord(basis: GateBasis) {
  return {
    market_now_ms: basis.marketNowMs,
    bid_size: units(basis.bidSize),
    ask_size: units(basis.askSize),
    dollars_per_minute: basis.dollarsPerMinute,
    features_at_ms: basis.featuresAtMs,
    held: basis.held.map(({ symbol, value, featuresAtMs }) => ({ symbol, value, features_at_ms: featuresAtMs })),
    event_ids: basis.eventIds,
  };
}

const shownRecord = ({ equity, exposureAfter }: ShownFigures) => ({
  shown_equity: equity === null ? null : formatMoney(equity),
  shown_exposure_after: units(exposureAfter),
});

/** What is stored with each evaluation, so that {@link readGateRecord} can judge it again: decimals as exact text. */
export function gateRecord(input: GateInput) {
  const { signal, order, account, market } = input;
  return {
    now_ms: input.nowMs,
    policy_version: input.policy.version,
    rule_set: input.ruleSet ?? RULE_SET,
    ...(input.drill ? { drill: true } : {}),
    stage: input.stage,
    trading_state: input.tradingState,
    signal: signal && {
      symbol: signal.symbol,
      action: signal.action,
      confidence: units(signal.confidence),
      size_pct: formatUnits(signal.sizePct),
      stop_distance_pct: units(signal.stopDistancePct),
      expires_at_ms: signal.expiresAtMs,
      consumed: signal.consumed,
      reasoning: signal.reasoning,
    },
    order: {
      symbol: order.symbol,
      side: order.side,
      qty: units(order.qty),
      order_type: order.orderType,
      limit_price: units(order.limitPrice),
      stop_price: units(order.stopPrice),
      protective_stop_price: units(order.protectiveStopPrice),
      fractionable: order.fractionable,
    },
    account: account && {
      ...figuresRecord(READ_FIGURES, account),
      ...figuresRecord(SUMMED_FIGURES, account),
      active_symbols: account.activeSymbols,
      opposite: optional(account.opposite, ({ atMarket, limit }) => ({ at_market: atMarket, limit: units(limit) })),
      duplicate: account.duplicate,
    },
    market: market && {
      open: market.open,
      data_age_seconds: units(market.dataAgeSeconds),
      quote:
        market.quote === null || market.quote === NOT_EVALUATED
          ? market.quote
          : { bid: formatUnits(market.quote.bid), ask: formatUnits(market.quote.ask) },
      ms_to_close: market.msToClose,
      event_blackout_active: market.eventBlackoutActive,
      liquidity_score: optional(market.liquidityScore, units),
      correlation: optional(market.correlation, units),
      ...(market.basis === undefined ? {} : { basis: basisRecord(market.basis) }),
    },
    unresolved_break: input.unresolvedBreak,
    uncertain_submission: input.uncertainSubmission,
    recent_order_count: input.recentOrderCount,
    shown_price: input.shown === undefined ? null : formatUnits(input.shown.price),
    ...(input.shown === undefined ? {} : shownRecord(input.shown)),
  };
}

const readUnits = (value: string | null) => (value === null ? null : parseUnits(value));
const readMoney = (value: string | null) => (value === null ? null : parseMoney(value));

const readBasis = (basis: ReturnType<typeof basisRecord>): GateBasis => ({
  marketNowMs: basis.market_now_ms,
  bidSize: readUnits(basis.bid_size),
  askSize: readUnits(basis.ask_size),
  dollarsPerMinute: basis.dollars_per_minute,
  featuresAtMs: basis.features_at_ms,
  held: basis.held.map(({ symbol, value, features_at_ms }) => ({ symbol, value, featuresAtMs: features_at_ms })),
  eventIds: basis.event_ids,
});

/** Records of earlier versions hold the price alone. */
function readShown(
  price: string,
  { shown_equity, shown_exposure_after }: Partial<ReturnType<typeof shownRecord>>,
): ShownFigures {
  return {
    price: parseUnits(price),
    equity: readMoney(shown_equity ?? null),
    exposureAfter: readUnits(shown_exposure_after ?? null),
  };
}

function readPrices(prices: AccountRecord['opposite']): GateAccount['opposite'] {
  return typeof prices === 'string' ? NOT_EVALUATED : { atMarket: prices.at_market, limit: readUnits(prices.limit) };
}

type AccountRecord = NonNullable<GateRecord['account']>;

/** The inverse of {@link gateRecord}. @throws DecimalError on a number that was tampered with */
export function readGateRecord(record: GateRecord, policy: CompiledPolicy): GateInput {
  const { signal, order, account, market } = record;
  return {
    // A record without it was stored by the first rule set.
    ruleSet: record.rule_set ?? 1,
    ...(record.drill ? { drill: true } : {}),
    nowMs: record.now_ms,
    policy,
    stage: record.stage,
    tradingState: record.trading_state,
    signal: signal && {
      symbol: signal.symbol,
      action: signal.action,
      confidence: readUnits(signal.confidence),
      sizePct: parseUnits(signal.size_pct),
      stopDistancePct: readUnits(signal.stop_distance_pct),
      expiresAtMs: signal.expires_at_ms,
      consumed: signal.consumed,
      reasoning: signal.reasoning,
    },
    order: {
      symbol: order.symbol,
      side: order.side,
      qty: readUnits(order.qty),
      orderType: order.order_type,
      limitPrice: readUnits(order.limit_price),
      stopPrice: readUnits(order.stop_price),
      protectiveStopPrice: readUnits(order.protective_stop_price),
      fractionable: order.fractionable,
    },
    account: account && {
      ...readFigures(READ_FIGURES, account),
      ...readFigures(SUMMED_FIGURES, account),
      activeSymbols: account.active_symbols,
      // Records of the first rule set lack both.
      opposite: readPrices((account as Partial<AccountRecord>).opposite ?? NOT_EVALUATED),
      duplicate: (account as Partial<AccountRecord>).duplicate ?? false,
    },
    market: market && {
      open: market.open,
      dataAgeSeconds: readUnits(market.data_age_seconds),
      quote:
        market.quote === null || market.quote === NOT_EVALUATED
          ? market.quote
          : { bid: parseUnits(market.quote.bid), ask: parseUnits(market.quote.ask) },
      msToClose: market.ms_to_close,
      eventBlackoutActive: market.event_blackout_active,
      liquidityScore: optional(market.liquidity_score, readUnits),
      correlation: optional(market.correlation, readUnits),
      ...(market.basis === undefined ? {} : { basis: readBasis(market.basis) }),
    },
    unresolvedBreak: record.unresolved_break,
    uncertainSubmission: record.uncertain_submission,
    recentOrderCount: record.recent_order_count,
    ...(record.shown_price === null ? {} : { shown: readShown(record.shown_price, record) }),
  };
}
