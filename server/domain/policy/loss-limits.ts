import { formatMoney, formatUnits, type Money, ONE, type Units } from '@/server/kernel/money';
import type { TradingCause, TradingState } from '@/server/kernel/vocabulary';
import type { CompiledPolicy } from './compile-policy';
import type { StageRules } from './types';

/** Limits on the day's loss that stop trading when they are reached (P-14). */
export type LossCause = Extract<TradingCause, 'DRAWDOWN' | 'DAILY_LOSS'>;

/** The newest of each cause of the trading state, open or ended. */
export interface CauseRecord {
  readonly cause: TradingCause;
  readonly state: Exclude<TradingState, 'ACTIVE'>;
  readonly open: boolean;
  /** Day of the account's figures when it was opened. */
  readonly tradingDay: string | null;
  /** Ended by the next session's open; otherwise only by a release. */
  readonly untilNextSession: boolean;
  /** Ended, and the loss has been inside the limit since: it may be reached again. */
  readonly rearmed: boolean;
}

/** The day so far. `baseline` is the equity at the previous session's close and the capital moved since (P-13, A2). */
export interface DayFigures {
  readonly equity: Money;
  readonly baseline: Money;
}

export type CauseChange =
  | {
      readonly kind: 'open';
      readonly cause: LossCause;
      readonly state: Exclude<TradingState, 'ACTIVE'>;
      readonly untilNextSession: boolean;
      readonly reason: string;
    }
  | { readonly kind: 'rearm'; readonly cause: LossCause }
  | { readonly kind: 'end'; readonly cause: LossCause; readonly reason: string };

interface LossLimit {
  readonly cause: LossCause;
  readonly state: Exclude<TradingState, 'ACTIVE'>;
  readonly untilNextSession: boolean;
  /** Why the limit is reached; null while it is not. */
  reached(figures: DayFigures): string | null;
}

/** Loss since the baseline as a share of it, rounded down: exact against any threshold of 12 decimals. Null without a baseline. */
export function drawdownOf(equity: Money | null, baseline: Money | null): Units | null {
  if (equity === null || baseline === null || baseline <= 0n) return null;
  return equity >= baseline ? 0n : ((baseline - equity) * ONE) / baseline;
}

function lossLimits(policy: CompiledPolicy, stage: StageRules): readonly LossLimit[] {
  const limits: LossLimit[] = [];
  const { drawdownLatch, maxDailyDrawdownPct } = policy;
  if (drawdownLatch !== null) {
    limits.push({
      cause: 'DRAWDOWN',
      state: 'REDUCING',
      untilNextSession: drawdownLatch === 'session' || (drawdownLatch === 'from_m2' && !stage.latchesNeedRelease),
      reached({ equity, baseline }) {
        const drawdown = drawdownOf(equity, baseline);
        if (drawdown === null || drawdown < maxDailyDrawdownPct) return null;
        return `the day's drawdown reached ${formatUnits(drawdown)}; the limit is ${formatUnits(maxDailyDrawdownPct)}`;
      },
    });
  }
  const { maxDailyLoss } = stage;
  if (maxDailyLoss !== null) {
    limits.push({
      cause: 'DAILY_LOSS',
      state: 'HALTED',
      untilNextSession: false,
      reached({ equity, baseline }) {
        const loss = baseline - equity;
        return loss < maxDailyLoss
          ? null
          : `the day's loss reached ${formatMoney(loss)}; ${stage.stage} halts at ${formatMoney(maxDailyLoss)}`;
      },
    });
  }
  return limits;
}

/** The strictest of the open causes (P-14). */
export function strictestState(causes: Iterable<Pick<CauseRecord, 'open' | 'state'>>): TradingState {
  let state: TradingState = 'ACTIVE';
  for (const each of causes) {
    if (!each.open) continue;
    if (each.state === 'HALTED') return 'HALTED';
    state = each.state;
  }
  return state;
}

/**
 * What the day's figures change about the loss limits, for the running system and for a replay alike (P-14, P-15, P-18). A limit that
 * is reached opens its cause once; a recovery ends nothing. After a release the limit can be reached again once the loss has been
 * inside it, or on the next trading day.
 * @param causes the newest of each cause
 * @param figures null when the equity cannot be trusted at this moment: then only a new session counts
 */
export function judgeLosses(
  policy: CompiledPolicy,
  stage: StageRules,
  causes: readonly CauseRecord[],
  tradingDay: string,
  figures: DayFigures | null,
): readonly CauseChange[] {
  const changes: CauseChange[] = [];
  const newest = new Map(causes.map((each) => [each.cause, each]));
  for (const cause of ['DRAWDOWN', 'DAILY_LOSS'] as const) {
    const record = newest.get(cause);
    if (record === undefined) continue;
    const nextDay = record.tradingDay !== tradingDay;
    if (record.open && record.untilNextSession && nextDay) {
      changes.push({ kind: 'end', cause, reason: 'the next session has begun' }, { kind: 'rearm', cause });
      newest.delete(cause);
    } else if (!record.open && !record.rearmed && nextDay) {
      changes.push({ kind: 'rearm', cause });
      newest.delete(cause);
    }
  }
  if (figures === null) return changes;
  for (const { cause, state, untilNextSession, reached } of lossLimits(policy, stage)) {
    const record = newest.get(cause);
    const reason = reached(figures);
    const armed = record === undefined || (!record.open && record.rearmed);
    if (reason !== null && armed) changes.push({ kind: 'open', cause, state, untilNextSession, reason });
    if (reason === null && record !== undefined && !record.open && !record.rearmed)
      changes.push({ kind: 'rearm', cause });
  }
  return changes;
}
