import type { CompiledPolicy } from '@/server/domain/policy/compile-policy';
import type { ReasoningVerdict } from '@/server/domain/reasoning/types';
import type { Money, Units } from '@/server/kernel/money';
import type { OrderType, RolloutStage, Side, TradingState } from '@/server/kernel/vocabulary';
import type { Figures, READ_FIGURES, SUMMED_FIGURES } from './account-figures';
import type { Input, NotEvaluated, PolicyDecision } from './types';

/** All that the gate takes from a signal. */
export interface GateSignal {
  readonly symbol: string;
  readonly action: Side;
  /** `null`: its source states none, and a person decides. */
  readonly confidence: Units | null;
  /** Share of equity asked for. */
  readonly sizePct: Units;
  /** Counts only where the order carries a stop to the broker. */
  readonly stopDistancePct: Units | null;
  /** Epoch ms; an order at this very time is late. For an approval pass the approval's own expiry. */
  readonly expiresAtMs: number;
  /** Another order or approval took it. An approval that judges its own signal again passes false. */
  readonly consumed: boolean;
  /** `null`: no memo was asked for. */
  readonly reasoning: ReasoningVerdict | null;
}

export interface GateOrder {
  readonly symbol: string;
  readonly side: Side;
  /** `null`: the gate takes the approved quantity. */
  readonly qty: Units | null;
  readonly orderType: OrderType;
  readonly limitPrice: Units | null;
  readonly stopPrice: Units | null;
  /** Price of a protective stop that the broker will hold with this order; `null` for none. */
  readonly protectiveStopPrice: Units | null;
  /** The broker's asset takes fractions of a share. */
  readonly fractionable: boolean;
}

/** The account, positions and working orders summed up (see `summariseAccount`). A `null` is unknown. */
export interface GateAccount extends Figures<typeof READ_FIGURES>, Figures<typeof SUMMED_FIGURES> {
  /** Symbols with a position or a working order. */
  readonly activeSymbols: readonly string[];
  /** Working orders of the symbol on either side, for SELF_MATCH; NOT_EVALUATED leaves the rule out. */
  readonly opposite: WorkingPrices | NotEvaluated;
  /** Whether an equal opening order or approval lies within the policy's window. */
  readonly duplicate: boolean;
}

/** Working orders of one symbol and side, as far as an order on the other side could trade with them. */
export interface WorkingPrices {
  /** A market or stop order works: it trades at any price. */
  readonly atMarket: boolean;
  /** The limit that reaches farthest: the highest of buys, the lowest of sells; `null` without a limit order. */
  readonly limit: Units | null;
}

export interface GateMarket {
  readonly open: boolean | null;
  readonly dataAgeSeconds: Units | null;
  /** NOT_EVALUATED leaves out every check that needs a price (a scripted replay has none). */
  readonly quote: { readonly bid: Units; readonly ask: Units } | null | NotEvaluated;
  readonly msToClose: number | null;
  readonly eventBlackoutActive: Input<boolean>;
  readonly liquidityScore: Input<Units>;
  /** Correlation of the symbol with what else is held. */
  readonly correlation: Input<Units>;
  /** What the last three were worked out from. No rule reads it: it is kept with the input, so that they can be worked out again. */
  readonly basis?: GateBasis;
}

/** Where liquidity, correlation and blackout come from. Times are ends of bars in market time, epoch ms. */
export interface GateBasis {
  readonly marketNowMs: number;
  readonly bidSize: Units | null;
  readonly askSize: Units | null;
  readonly dollarsPerMinute: number | null;
  /** Of the symbol's features; null where there are none that are fresh. */
  readonly featuresAtMs: number | null;
  /** What else is held, at market value (negative for a short), and the newest bar of its closes. */
  readonly held: readonly { readonly symbol: string; readonly value: number; readonly featuresAtMs: number | null }[];
  /** Events in effect. */
  readonly eventIds: readonly string[];
}

/** The figures that a countersignature rests on. `null`: not recorded, so that nothing is tolerated. */
export interface ShownFigures {
  /** The collar is measured from it as well as from the market. */
  readonly price: Units;
  readonly equity: Money | null;
  /** Gross exposure over equity were the order filled. */
  readonly exposureAfter: Units | null;
}

/** Trading status of a symbol: `limited` is a limit up, limit down band. */
export type SymbolStatus = 'trading' | 'halted' | 'limited';

/** The server's own state at one instant, complete. What is `null` fails closed. */
export interface GateInput {
  readonly nowMs: number;
  readonly policy: CompiledPolicy;
  readonly stage: RolloutStage;
  readonly tradingState: TradingState | null;
  /** `null`: no such signal. */
  readonly signal: GateSignal | null;
  readonly order: GateOrder;
  readonly account: GateAccount | null;
  readonly market: GateMarket | null;
  /** Whether a break on the order's symbol is unresolved; `null` when that could not be read. */
  readonly unresolvedBreak: boolean | null;
  /** Whether it is unknown if an order of the symbol reached the broker; `null` when that could not be read. */
  readonly uncertainSubmission: boolean | null;
  /** Orders of the same strategy in the last minute, this one not counted. */
  readonly recentOrderCount: number | null;
  /** What the approver of this order was shown; absent before there is one. */
  readonly shown?: ShownFigures;
  /** An order of a kill drill: some rules do not bind it (P-5). */
  readonly drill?: true;
  /** The halted scope that the order belongs to, or null; absent where scopes are not kept. `reduced`: closing orders pass. */
  readonly haltedScope?: { readonly name: string; readonly reduced: boolean } | null;
  /** What the exchange says of the symbol; absent where it is not listened to. */
  readonly symbolStatus?: SymbolStatus;
  /** The rules to judge with; those of this code when it is absent. */
  readonly ruleSet?: number;
  /** For a replay of a scripted context alone: stands in for what the account would give. */
  readonly stated?: { readonly grossExposurePct: Units; readonly dailyDrawdownPct: Units };
}

export interface GateDecision extends PolicyDecision {
  /** Shares that the approved size buys (or, closing, that may be sold); 0 under REJECT. */
  readonly approvedQty: Units;
  /** Quantity to send: the one asked for, else the approved one; 0 under REJECT. */
  readonly orderQty: Units;
  /** Limit price, else ask for BUY and bid for SELL; `null` where unknown. */
  readonly referencePrice: Units | null;
  /** Quantity asked for (else the approved one) times reference price; `null` where unknown. */
  readonly notional: Money | null;
  /** Gross exposure over equity were the order filled; `null` where unknown. */
  readonly exposureAfter: Units | null;
}
