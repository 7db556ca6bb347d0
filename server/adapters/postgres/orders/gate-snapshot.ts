import type {
  GateQuote,
  GateSnapshot,
  ObservedClock,
  StoredPlacement,
  StoredSignal,
  WorkingOfSymbol,
} from '@/server/application/ports/placement-store';
import { readPlacementReply } from '@/server/contracts/placement';
import { type FiguresRecord, READ_FIGURES, readFigures } from '@/server/domain/policy/account-figures';
import type { CompiledPolicy } from '@/server/domain/policy/compile-policy';
import type { WorkingPrices } from '@/server/domain/policy/gate-types';
import { type Money, parseMoney, parseUnits, type Units } from '@/server/kernel/money';
import type { OrderType, RolloutStage, Side, TradingState } from '@/server/kernel/vocabulary';
import type { RawFeatures } from './gate-features';

/** What the function gate_read returns: decimals as text, times as epoch milliseconds. */
export interface RawGate {
  readonly now: number;
  readonly trading: { readonly state: TradingState; readonly version: string };
  readonly settings: { readonly stage: RolloutStage; readonly policy_version: number; readonly version: string } | null;
  readonly account: {
    readonly version: string;
    readonly cash: string;
    readonly figures: FiguresRecord<typeof READ_FIGURES>;
    readonly buying_power: string;
    readonly buying_power_cash: string | null;
    readonly opened_fills: string | null;
    readonly portfolio_at: number | null;
    readonly reconciled_at: number | null;
  };
  readonly clock: {
    readonly is_open: boolean;
    readonly market_time: number;
    readonly observed_at: number;
    readonly next_close: number | null;
    readonly speed: number;
  } | null;
  readonly positions: readonly {
    readonly symbol: string;
    readonly qty: string;
    readonly cost: string;
    readonly price: string | null;
  }[];
  readonly working: readonly {
    readonly symbol: string;
    readonly side: string;
    readonly leaves: string;
    readonly protected: string;
    readonly notional: string | null;
    readonly opening: number;
    readonly opening_notional: string;
    readonly at_market: boolean;
    readonly lowest: string | null;
    readonly highest: string | null;
  }[];
  /** Amounts of foreign orders that have no quantity; null where the amount is unknown. */
  readonly foreign: readonly (string | null)[];
  /** Null without settings. */
  readonly openings:
    | readonly {
        readonly principal_id: string | null;
        readonly strategy: string;
        readonly symbol: string;
        readonly side: Side;
        readonly qty: string;
        readonly order_type: OrderType;
        readonly limit_price: string | null;
      }[]
    | null;
  readonly quotes: readonly {
    readonly symbol: string;
    readonly bid: string;
    readonly ask: string;
    readonly bid_size: string;
    readonly ask_size: string;
    readonly at: number;
  }[];
  readonly features: readonly RawFeatures[];
  readonly events: readonly {
    readonly id: string;
    readonly symbol: string | null;
    readonly from: number;
    readonly until: number;
  }[];
  readonly breaks: readonly string[];
  readonly uncertain: readonly string[];
  readonly signals: readonly RawSignal[];
  readonly keys: readonly (RawStoredPlacement & { readonly principal_id: string; readonly key: string })[];
}

/** A row of idempotency_keys. */
export interface RawStoredPlacement {
  readonly request_hash: string;
  readonly status_code: number;
  readonly body: string;
}

interface RawSignal {
  readonly id: string;
  readonly strategy: string;
  readonly symbol: string;
  readonly action: Side;
  readonly confidence: string | null;
  readonly size_pct: string;
  readonly stop_distance_pct: string | null;
  readonly reasoning: StoredSignal['reasoning'];
  readonly expires_at: number;
  readonly consumed_by: string | null;
  readonly principal_id: string | null;
  readonly queued: boolean;
  readonly recent: number;
  readonly strategy_qty: string;
}

const absolute = (value: bigint) => (value < 0n ? -value : value);

/** A fraction of a cent beyond money's scale (a price averaged by the database) is cut, not refused. */
function readPrice(text: string): Units {
  const [whole = '0', fraction = ''] = text.split('.');
  return parseUnits(fraction === '' ? whole : `${whole}.${fraction.slice(0, 12)}`);
}

function toSignal(raw: RawSignal): StoredSignal {
  return {
    id: raw.id,
    strategy: raw.strategy,
    symbol: raw.symbol,
    action: raw.action,
    confidence: raw.confidence === null ? null : parseUnits(raw.confidence),
    sizePct: parseUnits(raw.size_pct),
    stopDistancePct: raw.stop_distance_pct === null ? null : parseUnits(raw.stop_distance_pct),
    reasoning: raw.reasoning,
    expiresAtMs: raw.expires_at,
    consumedBy: raw.consumed_by,
    principalId: raw.principal_id,
    queued: raw.queued,
    recentOrders: raw.recent,
    strategyQty: parseUnits(raw.strategy_qty),
  };
}

function toPositions(raw: RawGate): Map<string, { qty: Units; value: Money }> {
  return new Map(
    raw.positions.map(({ symbol, qty, cost, price }) => {
      const held = parseUnits(qty);
      // Without any price a position counts at what it cost: never as nothing.
      const value = price === null ? parseMoney(cost) : held * readPrice(price);
      return [symbol, { qty: held, value: absolute(value) }];
    }),
  );
}

const NO_ORDERS: WorkingPrices = { atMarket: false, limit: null };
const NOTHING_WORKS: WorkingOfSymbol = {
  buyNotional: 0n,
  sellQty: 0n,
  protectedQty: 0n,
  openingCount: 0,
  openingNotional: 0n,
  buys: NO_ORDERS,
  sells: NO_ORDERS,
};

const unitsOrNull = (text: string | null): Units | null => (text === null ? null : parseUnits(text));

function toWorking(raw: RawGate): Map<string, WorkingOfSymbol> {
  const working = new Map<string, WorkingOfSymbol>();
  for (const row of raw.working) {
    const before = working.get(row.symbol) ?? NOTHING_WORKS;
    const both = {
      ...before,
      openingCount: before.openingCount + row.opening,
      openingNotional: before.openingNotional + parseMoney(row.opening_notional),
    };
    const atMarket = row.at_market;
    const side =
      row.side === 'BUY'
        ? { buyNotional: parseMoney(row.notional ?? '0'), buys: { atMarket, limit: unitsOrNull(row.highest) } }
        : {
            sellQty: parseUnits(row.leaves),
            protectedQty: parseUnits(row.protected),
            sells: { atMarket, limit: unitsOrNull(row.lowest) },
          };
    working.set(row.symbol, { ...both, ...side });
  }
  return working;
}

/**
 * What may be bought for before working orders are set aside: the less of our own cash and of the broker's buying power, which has not
 * seen what was bought since it was stated. Null, so that nothing is bought, while the cost of a working buy is unknown.
 */
function buyingPowerOf({ account, working, foreign }: RawGate): Money | null {
  const unknown = working.some(({ side, notional }) => side === 'BUY' && notional === null) || foreign.includes(null);
  if (unknown) return null;
  const cash = parseMoney(account.cash);
  const spentSince = account.buying_power_cash === null ? 0n : parseMoney(account.buying_power_cash) - cash;
  const broker = parseMoney(account.buying_power) - (spentSince > 0n ? spentSince : 0n);
  return cash < broker ? cash : broker;
}

function toClock(raw: RawGate['clock']): ObservedClock | null {
  if (raw === null) return null;
  return {
    isOpen: raw.is_open,
    marketTimeMs: raw.market_time,
    observedAtMs: raw.observed_at,
    nextCloseMs: raw.next_close,
    speed: raw.speed,
  };
}

const toQuote = (raw: RawGate['quotes'][number]): GateQuote => ({
  bid: parseUnits(raw.bid),
  ask: parseUnits(raw.ask),
  bidSize: parseUnits(raw.bid_size),
  askSize: parseUnits(raw.ask_size),
  atMs: raw.at,
});

/** @throws ZodError or SyntaxError when the stored reply is unreadable */
export const toStoredPlacement = (raw: RawStoredPlacement): StoredPlacement => ({
  requestHash: raw.request_hash,
  outcome: readPlacementReply(raw.status_code, raw.body),
  reply: raw.body,
});

/** What of an answer of gate_read concerns the market. @throws DecimalError when a stored number is not one */
export function toMarketState(raw: RawGate) {
  return {
    nowMs: raw.now,
    clock: toClock(raw.clock),
    positions: toPositions(raw),
    quotes: new Map(raw.quotes.map((quote) => [quote.symbol, toQuote(quote)])),
    events: raw.events.map(({ id, symbol, from, until }) => ({ id, symbol, fromMs: from, untilMs: until })),
  };
}

/** Parses one answer of gate_read. @throws DecimalError when a stored number is not one */
export function toGateSnapshot(
  raw: RawGate,
  stage: RolloutStage,
  settingsVersion: string,
  policy: CompiledPolicy,
): Omit<GateSnapshot, 'fractionable' | 'features'> {
  const { account } = raw;
  return {
    ...toMarketState(raw),
    tradingState: raw.trading.state,
    stage,
    policy,
    versions: { account: account.version, trading: raw.trading.version, settings: settingsVersion },
    account: {
      figures: readFigures(READ_FIGURES, account.figures),
      buyingPower: buyingPowerOf(raw),
      openedFills: account.opened_fills === null ? null : parseMoney(account.opened_fills),
      portfolioAtMs: account.portfolio_at,
      reconciledAtMs: account.reconciled_at,
    },
    working: toWorking(raw),
    foreignBuyNotional: raw.foreign.reduce((sum, amount) => sum + parseMoney(amount ?? '0'), 0n),
    recentOpenings: (raw.openings ?? []).map(({ principal_id, order_type, limit_price, qty, ...rest }) => ({
      ...rest,
      principalId: principal_id,
      orderType: order_type,
      qty: parseUnits(qty),
      limitPrice: unitsOrNull(limit_price),
    })),
    breaks: new Set(raw.breaks),
    uncertain: new Set(raw.uncertain),
    signals: new Map(raw.signals.map((signal) => [signal.id, toSignal(signal)])),
    answers: new Map(raw.keys.map((key) => [`${key.principal_id} ${key.key}`, toStoredPlacement(key)])),
  };
}
