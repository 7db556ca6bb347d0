import type { Money, Units } from '@/server/kernel/money';
import type {
  Decision,
  PositionEffect,
  ReasoningStatus,
  Recommendation,
  RolloutStage,
  RuleTier,
  TradingState,
} from '@/server/kernel/vocabulary';
import type { GateCode, RuleCode } from './rule-table';

/** A rule that was hit. `observed` and `threshold` are exact decimal text, or a word. */
export interface RuleHit<Code extends string = RuleCode | GateCode> {
  readonly code: Code;
  readonly tier: RuleTier;
  readonly observed: string;
  readonly threshold: string;
  readonly message: string;
}

/** Marks an input that is no part of this judgement: its rule is recorded as not evaluated instead of failing closed. */
export const NOT_EVALUATED = 'NOT_EVALUATED';
export type NotEvaluated = typeof NOT_EVALUATED;
/** `null` is an input that should be there and is not: its rule is hit. */
export type Input<T> = T | null | NotEvaluated;

/** What a rollout stage enforces. `null` is no such limit. */
export interface StageRules {
  readonly stage: RolloutStage;
  /** Symbols held or worked at one time. */
  readonly maxSymbols: number | null;
  /** Nothing opens within this time before the close. */
  readonly noOpeningBeforeCloseMs: number | null;
  /** Everything is flat this long before the close (done by the worker, not by a rule). */
  readonly flatBeforeCloseMs: number | null;
  readonly manualApproval: boolean;
  readonly maxTradeNotional: Money | null;
  /** A loss since the previous close of this much or more rejects. */
  readonly maxDailyLoss: Money | null;
  /** Under the policy's default only a person ends a drawdown stop; in the stages before, the next session does. */
  readonly latchesNeedRelease: boolean;
  /** Quantities may have 4 decimals where the broker's asset is fractionable. */
  readonly fractional: boolean;
}

/** What the server knows beside the request, for the advisory judgement. What is left out is not evaluated. */
export interface StageFacts {
  readonly stage: RolloutStage;
  readonly equity?: Money;
  /** Symbols with a position or a working order. */
  readonly activeSymbols?: readonly string[];
  readonly msToClose?: number;
  /** Equity less the equity at the previous session's close: negative on a loss. */
  readonly dayProfit?: Money;
  /** Whether a reconciliation break on this symbol is unresolved. */
  readonly unresolvedBreak?: boolean;
}

/** Everything the rules look at: one form for the advisory judgement and for the gate. */
export interface PolicyFacts {
  readonly symbol: string;
  readonly positionEffect: PositionEffect;
  readonly confidence: Input<Units>;
  readonly sizePct: Units;
  /** `null`: no stop rests at the broker; the policy's assumption holds. */
  readonly stopDistancePct: Units | null;
  readonly marketOpen: boolean | null;
  readonly dataAgeSeconds: Units | null;
  readonly eventBlackoutActive: Input<boolean>;
  readonly liquidityScore: Input<Units>;
  readonly grossExposurePct: Input<Units>;
  /** Position and working buys of the symbol over equity. */
  readonly positionPct: Input<Units>;
  readonly dailyDrawdownPct: Input<Units>;
  readonly correlation: Input<Units>;
  readonly reasoningStatus: ReasoningStatus | NotEvaluated;
  readonly recommendation: Recommendation | NotEvaluated;
  readonly tradingState: TradingState | null;
  readonly unresolvedBreak: Input<boolean>;
  readonly stage: StageRules;
  readonly equity: Money | null;
  readonly activeSymbols: Input<readonly string[]>;
  readonly msToClose: Input<number>;
  readonly dayProfit: Input<Money>;
}

export interface PolicyDecision {
  readonly decision: Decision;
  /** Every rule hit, in the order of the table. */
  readonly reasons: readonly RuleHit[];
  /** Rules whose optional input was absent. */
  readonly notEvaluated: readonly (RuleCode | GateCode)[];
  /** Share of equity; 0 under REJECT. */
  readonly approvedSizePct: Units;
  readonly positionEffect: PositionEffect;
  /** Epoch ms. A REJECT expires when it is made. */
  readonly expiresAtMs: number;
}
