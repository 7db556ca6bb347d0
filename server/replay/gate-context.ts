import type { PolicyRequest } from '@/server/contracts/policy';
import type { NewOrder } from '@/server/domain/order/new-order';
import { leavesQty } from '@/server/domain/order/view';
import {
  type CompiledPolicy,
  type GateInput,
  type GateMarket,
  NOT_EVALUATED,
  type PolicyDecision,
  type StageFacts,
  summariseAccount,
  unitsFromNumber,
} from '@/server/domain/policy';
import { averageCost } from '@/server/domain/position/position';
import type { Units } from '@/server/kernel/money';
import type { RolloutStage, Side } from '@/server/kernel/vocabulary';
import type { ReplayAccount } from '@/server/replay/account';
import type { MarketClock } from '@/server/replay/market-clock';
import type { OrderManager } from '@/server/replay/order-manager';
import { knownAtMs, markOf, type SymbolBooks, topOf } from '@/server/replay/symbol-book';
import type { TradingControl } from '@/server/replay/trading-control';
import type { WorkingOrder } from '@/server/replay/working-order';

/** Units in a millisecond of age, ages being in seconds. */
const UNITS_PER_MS = 10n ** 9n;

/** A signal as the gate knows it: from a line of the file, or from a strategy. */
export interface SignalRecord {
  readonly signalId: string;
  readonly strategy: string;
  readonly principal: string;
  readonly symbol: string;
  readonly action: Side;
  readonly confidence: Units;
  readonly sizePct: Units;
  readonly stopDistancePct: Units | null;
  /** What a line states; `null` for a strategy's signal. */
  readonly request: PolicyRequest | null;
  /** The latest judgement, advisory or the gate's. */
  decision: PolicyDecision | null;
  expiresAtMs: number;
  consumed: boolean;
}

/** Terms of an order before its size is known: `null` leaves it to the gate. */
export type OrderTerms = Omit<NewOrder, 'qty'> & { readonly qty: Units | null };

export interface GateTerms {
  readonly scripted: boolean;
  readonly stage: RolloutStage;
  readonly policy: CompiledPolicy;
  /** Whether SELF_MATCH is judged. */
  readonly matchesOwnOrders: boolean;
}

/** The replay's own clock, prices and account in the form in which policy and the gate take them. */
export class GateContext {
  constructor(
    readonly options: GateTerms,
    private readonly books: SymbolBooks,
    private readonly clock: MarketClock,
    private readonly account: ReplayAccount,
    private readonly orderManager: OrderManager,
    private readonly control: TradingControl,
  ) {}

  /** What the server knows beside a request. */
  stageFacts(symbol: string): StageFacts {
    const equity = this.account.equity();
    const msToClose = this.clock.msToClose();
    return {
      stage: this.options.stage,
      equity,
      activeSymbols: this.gateAccount(symbol, 'BUY', false, '').activeSymbols,
      ...(msToClose === null ? {} : { msToClose }),
      dayProfit: equity - this.account.dayStartEquity,
      unresolvedBreak: this.control.breaks.has(symbol),
    };
  }

  /** Shares that a strategy holds, less those that it is selling. */
  private strategyQty(strategy: string, symbol: string): Units {
    let qty = this.account.strategyQty(strategy, symbol);
    for (const { state, placement } of this.orderManager.working.values()) {
      if (state.symbol !== symbol || state.side !== 'SELL' || placement.protective !== undefined) continue;
      if (placement.strategy === strategy) qty -= leavesQty(state);
    }
    return qty;
  }

  private gateAccount(symbol: string, side: Side, duplicate: boolean, strategy: string) {
    const { account, orderManager, books } = this;
    return summariseAccount(
      {
        figures: {
          equity: account.equity(),
          previousCloseEquity: account.dayStartEquity,
          requestsUsed: null,
          requestsAllowed: null,
        },
        buyingPower: account.ledger.cash,
        positions: [...account.ledger.positions.values()].map((held) => ({
          symbol: held.symbol,
          qty: held.qty,
          marketPrice: markOf(books.of(held.symbol)) ?? averageCost(held),
        })),
        // Legs hold no shares against a closing order, and cannot trade with an order of our own (P-3, SELF_MATCH).
        workingOrders: [...orderManager.working.values()].filter(isNoLeg).map(({ state, placement }) => ({
          symbol: state.symbol,
          side: state.side,
          leavesQty: leavesQty(state),
          price: state.limitPrice ?? state.stopPrice ?? placement.referencePrice ?? 0n,
          opens: placement.positionEffect === 'OPEN',
          limitPrice: state.limitPrice,
          protective: placement.protective !== undefined,
        })),
        openedFills: account.openedFills,
        matchesOwnOrders: this.options.matchesOwnOrders,
        duplicate,
        strategyQty: this.strategyQty(strategy, symbol),
        portfolioAgeSeconds: 0n,
        reconciliationAgeSeconds: 0n,
      },
      symbol,
      side,
    );
  }

  /** The market as the replay knows it; in scripted mode as the signal's line states it. */
  private gateMarket(symbol: string, request: PolicyRequest | null): GateMarket {
    const book = this.books.of(symbol);
    const stated = request?.market_context;
    const scripted = this.options.scripted && stated !== undefined;
    const knownMs = knownAtMs(book);
    const top = topOf(book);
    // What a replay has no source for is taken from the line: it can only tighten.
    return {
      open: scripted ? stated.market_open : this.clock.isOpen(),
      dataAgeSeconds: scripted
        ? unitsFromNumber(stated.data_age_seconds)
        : knownMs === null
          ? null
          : BigInt(this.clock.nowMs - knownMs) * UNITS_PER_MS,
      quote: top ?? (scripted ? NOT_EVALUATED : null),
      msToClose: this.clock.msToClose(),
      eventBlackoutActive: stated?.event_blackout_active ?? NOT_EVALUATED,
      liquidityScore: optional(stated?.liquidity_score),
      correlation: optional(request?.portfolio_context.correlation),
    };
  }

  /** Everything that the gate looks at, for an order under a signal. */
  gateInput(
    terms: OrderTerms,
    record: SignalRecord | undefined,
    claim: { readonly consumed: boolean; readonly expiresAtMs: number },
    recentOrderCount: number,
    duplicate: boolean,
  ): GateInput {
    const { symbol } = terms;
    const request = record?.request ?? null;
    const portfolio = this.options.scripted ? request?.portfolio_context : undefined;
    return {
      nowMs: this.clock.nowMs,
      policy: this.options.policy,
      stage: this.options.stage,
      tradingState: this.control.state,
      signal: record === undefined ? null : { ...record, ...claim, reasoning: request?.reasoning ?? null },
      order: {
        symbol,
        side: terms.side,
        qty: terms.qty,
        orderType: terms.orderType,
        limitPrice: terms.limitPrice ?? null,
        stopPrice: terms.stopPrice ?? null,
        protectiveStopPrice: terms.legs?.stopPrice ?? null,
        fractionable: true,
      },
      account: this.gateAccount(symbol, terms.side, duplicate, record?.strategy ?? ''),
      market: this.gateMarket(symbol, request),
      unresolvedBreak: this.control.breaks.has(symbol),
      uncertainSubmission: false,
      recentOrderCount,
      haltedScope: this.control.scopes.of({
        symbol,
        strategy: record?.strategy ?? '',
        principal: record?.principal ?? '',
      }),
      symbolStatus: this.control.statusOf(symbol),
      ...(portfolio === undefined
        ? {}
        : {
            stated: {
              grossExposurePct: unitsFromNumber(portfolio.gross_exposure_pct),
              dailyDrawdownPct: unitsFromNumber(portfolio.daily_drawdown_pct),
            },
          }),
    };
  }
}

const isNoLeg = ({ placement }: WorkingOrder) => placement.protective?.leg !== true;

function optional(value: number | undefined): Units | typeof NOT_EVALUATED {
  return value === undefined ? NOT_EVALUATED : unitsFromNumber(value);
}
