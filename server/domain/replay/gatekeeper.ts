import type { PolicyRequest } from '@/server/contracts/policy';
import { formatUnits, type Units } from '@/server/domain/money/decimal';
import type { NewOrder } from '@/server/domain/order/new-order';
import { leavesQty } from '@/server/domain/order/view';
import {
  type CompiledPolicy,
  evaluateGate,
  evaluatePolicy,
  type GateDecision,
  type GateInput,
  type GateMarket,
  NOT_EVALUATED,
  newlyHit,
  type PolicyDecision,
  type RolloutStage,
  type RuleHit,
  type StageFacts,
  summariseAccount,
  type TradingState,
  unitsFromNumber,
} from '@/server/domain/policy';
import { averageCost } from '@/server/domain/position/position';
import type { ReplayAccount } from '@/server/domain/replay/account';
import { isoTime } from '@/server/domain/replay/iso-time';
import type { Journal } from '@/server/domain/replay/journal';
import type { MarketClock } from '@/server/domain/replay/market-clock';
import type { OrderDesk, Refusal } from '@/server/domain/replay/order-desk';
import { knownAtMs, markOf, type SymbolBooks, topOf } from '@/server/domain/replay/symbol-book';
import type { SignalCandidate } from '@/server/domain/strategy/types';

const MINUTE_MS = 60_000;
/** Units in a millisecond of age, ages being in seconds. */
const UNITS_PER_MS = 10n ** 9n;

/** A signal as the gate knows it: from a line of the file, or from a strategy. */
export interface SignalRecord {
  readonly signalId: string;
  readonly strategy: string;
  readonly symbol: string;
  readonly action: 'BUY' | 'SELL';
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

/** A person's decision that is still wanted. It holds this exact order. */
interface Approval {
  readonly order: NewOrder;
  readonly reasons: readonly RuleHit[];
  readonly shownPrice: Units | null;
  readonly expiresAtMs: number;
}

/** Terms of an order before its size is known: `null` leaves it to the gate. */
export type OrderTerms = Omit<NewOrder, 'qty'> & { readonly qty: Units | null };

export interface Permit {
  readonly order: NewOrder;
  readonly referencePrice: Units | null;
}

export interface GatekeeperOptions {
  readonly scripted: boolean;
  readonly stage: RolloutStage;
  readonly policy: CompiledPolicy;
}

/** Signals, their judgement and approvals. Judges with the same code as the running system. */
export class Gatekeeper {
  readonly signals = new Map<string, SignalRecord>();
  nextExpiryMs = Number.POSITIVE_INFINITY;
  tradingState: TradingState = 'ACTIVE';
  readonly breaks = new Set<string>();
  private readonly approvals = new Map<string, Approval>();
  private readonly placedAtMs = new Map<string, number[]>();
  private evaluations = 0;

  constructor(
    private readonly options: GatekeeperOptions,
    private readonly books: SymbolBooks,
    private readonly clock: MarketClock,
    private readonly account: ReplayAccount,
    private readonly desk: OrderDesk,
    private readonly journal: Journal,
  ) {}

  /** Judges what a line states: advisory, no order consumes it. */
  evaluate(request: PolicyRequest): void {
    const { policy } = this.options;
    const nowMs = this.clock.nowMs;
    const decision = evaluatePolicy(request, policy, this.stageFacts(request.symbol), this.tradingState, nowMs);
    const ttlMs = decision.decision === 'REVIEW' ? policy.reviewTtlMs : policy.approveTtlMs;
    this.signals.set(request.signal_id, {
      signalId: request.signal_id,
      strategy: '',
      symbol: request.symbol,
      action: request.candidate_action,
      confidence: unitsFromNumber(request.confidence),
      sizePct: unitsFromNumber(request.size_pct),
      stopDistancePct: request.stop_distance_pct === undefined ? null : unitsFromNumber(request.stop_distance_pct),
      request,
      decision,
      expiresAtMs: nowMs + ttlMs,
      consumed: this.signals.get(request.signal_id)?.consumed ?? false,
    });
    this.writeDecision(request.signal_id, request.symbol, 'policy', decision);
  }

  /** Registers a strategy's proposal. */
  propose(candidate: SignalCandidate): SignalRecord {
    const record: SignalRecord = {
      signalId: candidate.signalId,
      strategy: candidate.strategy,
      symbol: candidate.symbol,
      action: candidate.action,
      confidence: unitsFromNumber(candidate.confidence),
      sizePct: unitsFromNumber(candidate.sizePct),
      stopDistancePct: null,
      request: null,
      decision: null,
      expiresAtMs: this.clock.nowMs + this.options.policy.approveTtlMs,
      consumed: false,
    };
    this.signals.set(record.signalId, record);
    return record;
  }

  /** Judges an order. A permit places it; `null` means that a person is asked, or that there is a refusal. */
  judge(terms: OrderTerms, signalId: string | null): Permit | Refusal | null {
    const record = signalId === null ? undefined : this.signals.get(signalId);
    const decision = evaluateGate(this.gateInput(terms, record, record?.consumed ?? false, record?.expiresAtMs ?? 0));
    if (record !== undefined) record.decision = decision;
    this.writeDecision(signalId, terms.symbol, 'gate', decision, terms.id);
    if (decision.decision === 'REJECT') return refusalOf(decision.reasons);
    const order: NewOrder = { ...terms, qty: terms.qty ?? decision.orderQty };
    if (record !== undefined) record.consumed = true;
    if (decision.decision === 'APPROVE' || signalId === null) return this.permit(order, record, decision);
    this.openApproval(signalId, order, decision);
    return null;
  }

  /** A person's countersignature: judged anew, refused when any rule flipped. */
  approve(signalId: string, by: string | undefined, reason: string | undefined): Permit | Refusal {
    const approval = this.approvals.get(signalId);
    const record = this.signals.get(signalId);
    if (approval === undefined || record === undefined) return unknownApproval(signalId);
    if (this.clock.nowMs >= approval.expiresAtMs)
      return { codes: ['APPROVAL_EXPIRED'], message: 'the approval has expired' };
    const input = this.gateInput(approval.order, record, false, approval.expiresAtMs);
    const shown = approval.shownPrice;
    const decision = evaluateGate(shown === null ? input : { ...input, shownPrice: shown });
    const flipped = newlyHit(approval.reasons, decision.reasons);
    record.decision = decision;
    this.writeDecision(signalId, record.symbol, 'approval', decision, approval.order.id);
    if (flipped.length > 0) return refusalOf(flipped);
    this.closeApproval(signalId, 'approved', by, reason);
    return this.permit(approval.order, record, decision);
  }

  decline(signalId: string, by: string | undefined, reason: string | undefined): Refusal | null {
    if (!this.approvals.has(signalId)) return unknownApproval(signalId);
    this.closeApproval(signalId, 'declined', by, reason);
    return null;
  }

  expireDue(): void {
    if (this.nextExpiryMs > this.clock.nowMs) return;
    for (const [signalId, { expiresAtMs }] of [...this.approvals]) {
      if (expiresAtMs <= this.clock.nowMs) this.closeApproval(signalId, 'expired');
    }
  }

  private permit(order: NewOrder, record: SignalRecord | undefined, decision: GateDecision): Permit {
    const placed = this.placedAtMs.get(record?.strategy ?? '') ?? [];
    placed.push(this.clock.nowMs);
    this.placedAtMs.set(record?.strategy ?? '', placed);
    return { order, referencePrice: decision.referencePrice };
  }

  private recentOrders(strategy: string): number {
    const since = this.clock.nowMs - MINUTE_MS;
    const recent = (this.placedAtMs.get(strategy) ?? []).filter((ms) => ms > since);
    this.placedAtMs.set(strategy, recent);
    return recent.length;
  }

  private openApproval(signalId: string, order: NewOrder, decision: GateDecision): void {
    const { expiresAtMs, reasons, referencePrice: shownPrice } = decision;
    this.approvals.set(signalId, { order, reasons, shownPrice, expiresAtMs });
    this.nextExpiryMs = Math.min(this.nextExpiryMs, expiresAtMs);
    this.journal.write(this.clock.nowMs, 'approval', {
      event: 'opened',
      expires_at: isoTime(expiresAtMs),
      id: order.id,
      qty: formatUnits(order.qty),
      signal_id: signalId,
    });
  }

  private closeApproval(signalId: string, event: string, by?: string, reason?: string): void {
    this.approvals.delete(signalId);
    this.nextExpiryMs = Number.POSITIVE_INFINITY;
    for (const { expiresAtMs } of this.approvals.values()) this.nextExpiryMs = Math.min(this.nextExpiryMs, expiresAtMs);
    this.journal.write(this.clock.nowMs, 'approval', { by, event, reason, signal_id: signalId });
  }

  private stageFacts(symbol: string): StageFacts {
    const equity = this.account.equity();
    const msToClose = this.clock.msToClose();
    return {
      stage: this.options.stage,
      equity,
      activeSymbols: this.gateAccount(symbol).activeSymbols,
      ...(msToClose === null ? {} : { msToClose }),
      dayProfit: equity - this.account.dayStartEquity,
      unresolvedBreak: this.breaks.has(symbol),
    };
  }

  private gateAccount(symbol: string) {
    const { account, desk, books } = this;
    return summariseAccount(
      {
        equity: account.equity(),
        previousCloseEquity: account.dayStartEquity,
        buyingPower: account.ledger.cash,
        positions: [...account.ledger.positions.values()].map((held) => ({
          symbol: held.symbol,
          qty: held.qty,
          marketPrice: markOf(books.of(held.symbol)) ?? averageCost(held),
        })),
        workingOrders: [...desk.working.values()].map(({ state, placement }) => ({
          symbol: state.symbol,
          side: state.side,
          leavesQty: leavesQty(state),
          price: state.limitPrice ?? state.stopPrice ?? placement.referencePrice ?? 0n,
        })),
        portfolioAgeSeconds: 0n,
        reconciliationAgeSeconds: 0n,
      },
      symbol,
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

  private gateInput(
    terms: OrderTerms,
    record: SignalRecord | undefined,
    consumed: boolean,
    expiresAtMs: number,
  ): GateInput {
    const { symbol } = terms;
    const request = record?.request ?? null;
    const portfolio = this.options.scripted ? request?.portfolio_context : undefined;
    return {
      nowMs: this.clock.nowMs,
      policy: this.options.policy,
      stage: this.options.stage,
      tradingState: this.tradingState,
      signal: record === undefined ? null : { ...record, consumed, expiresAtMs, reasoning: request?.reasoning ?? null },
      order: {
        symbol,
        side: terms.side,
        qty: terms.qty,
        orderType: terms.orderType,
        limitPrice: terms.limitPrice ?? null,
        stopPrice: terms.stopPrice ?? null,
        protectiveStopPrice: null,
        fractionable: true,
      },
      account: this.gateAccount(symbol),
      market: this.gateMarket(symbol, request),
      unresolvedBreak: this.breaks.has(symbol),
      recentOrderCount: this.recentOrders(record?.strategy ?? ''),
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

  private writeDecision(
    signalId: string | null,
    symbol: string,
    by: string,
    decision: PolicyDecision,
    id?: string,
  ): void {
    this.evaluations += 1;
    this.journal.write(this.clock.nowMs, 'decision', {
      approved_size_pct: formatUnits(decision.approvedSizePct),
      by,
      decision: decision.decision,
      evaluation_id: this.evaluations,
      expires_at: isoTime(decision.expiresAtMs),
      id,
      not_evaluated: [...decision.notEvaluated].sort(),
      position_effect: decision.positionEffect,
      reasons: decision.reasons.map(({ code, observed, threshold, tier }) => ({ code, observed, threshold, tier })),
      signal_id: signalId,
      symbol,
    });
  }
}

function optional(value: number | undefined): Units | typeof NOT_EVALUATED {
  return value === undefined ? NOT_EVALUATED : unitsFromNumber(value);
}

function refusalOf(reasons: readonly RuleHit[]): Refusal {
  return { codes: reasons.map(({ code }) => code), message: reasons.map(({ message }) => message).join('; ') };
}

function unknownApproval(signalId: string): Refusal {
  return { codes: ['UNKNOWN_APPROVAL'], message: `no approval waits for signal ${signalId}` };
}
