import type { PolicyRequest } from '@/server/contracts/policy';
import type { NewOrder } from '@/server/domain/order/new-order';
import {
  evaluateGate,
  evaluatePolicy,
  type GateDecision,
  newlyHit,
  type PolicyDecision,
  type RuleHit,
  type ShownFigures,
  unitsFromNumber,
} from '@/server/domain/policy';
import type { SignalCandidate } from '@/server/domain/strategy/types';
import { isoTime } from '@/server/kernel/iso-time';
import { formatUnits, type Money, type Units } from '@/server/kernel/money';
import type { PositionEffect } from '@/server/kernel/vocabulary';
import type { GateContext, OrderTerms, SignalRecord } from '@/server/replay/gate-context';
import type { Journal } from '@/server/replay/journal';
import type { MarketClock } from '@/server/replay/market-clock';
import type { RefusedLine } from '@/server/replay/order-manager';
import type { TradingControl } from '@/server/replay/trading-control';

const MINUTE_MS = 60_000;

/** A person's decision that is still wanted. It holds this exact order. */
interface Approval {
  readonly order: NewOrder;
  readonly reasons: readonly RuleHit[];
  readonly shown: ShownFigures | null;
  readonly expiresAtMs: number;
}

export interface Permit {
  readonly order: NewOrder;
  readonly referencePrice: Units | null;
  readonly positionEffect: PositionEffect;
}

/** Signals, their judgement and approvals. Judges with the same code as the running system. */
export class Gatekeeper {
  readonly signals = new Map<string, SignalRecord>();
  nextExpiryMs = Number.POSITIVE_INFINITY;
  private readonly approvals = new Map<string, Approval>();
  private readonly placedAtMs = new Map<string, number[]>();
  private evaluations = 0;

  constructor(
    private readonly context: GateContext,
    private readonly control: TradingControl,
    private readonly clock: MarketClock,
    private readonly journal: Journal,
  ) {}

  /** Judges what a line states: advisory, no order consumes it. */
  evaluate(request: PolicyRequest): void {
    const { policy } = this.context.options;
    const nowMs = this.clock.nowMs;
    const decision = evaluatePolicy(
      request,
      policy,
      this.context.stageFacts(request.symbol),
      this.control.state,
      nowMs,
    );
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
      expiresAtMs: this.clock.nowMs + this.context.options.policy.approveTtlMs,
      consumed: false,
    };
    this.signals.set(record.signalId, record);
    return record;
  }

  /** Judges an order. A permit places it; `null` means that a person is asked, or that there is a refusal. */
  judge(terms: OrderTerms, signalId: string | null): Permit | RefusedLine | null {
    const record = signalId === null ? undefined : this.signals.get(signalId);
    const claim = { consumed: record?.consumed ?? false, expiresAtMs: record?.expiresAtMs ?? 0 };
    const input = this.context.gateInput(terms, record, claim, this.recentOrders(record?.strategy ?? ''));
    const decision = evaluateGate(input);
    if (record !== undefined) record.decision = decision;
    this.writeDecision(signalId, terms.symbol, 'gate', decision, terms.id);
    if (decision.decision === 'REJECT') return refusalOf(decision.reasons);
    const order: NewOrder = { ...terms, qty: terms.qty ?? decision.orderQty };
    if (record !== undefined) record.consumed = true;
    if (decision.decision === 'APPROVE' || signalId === null) return this.permit(order, record, decision);
    this.openApproval(signalId, order, decision, input.account?.equity ?? null);
    return null;
  }

  /** A person's countersignature: judged anew, refused when any rule flipped. */
  approve(signalId: string, by: string | undefined, reason: string | undefined): Permit | RefusedLine {
    const approval = this.approvals.get(signalId);
    const record = this.signals.get(signalId);
    if (approval === undefined || record === undefined) return unknownApproval(signalId);
    if (this.clock.nowMs >= approval.expiresAtMs)
      return { codes: ['APPROVAL_EXPIRED'], message: 'the approval has expired' };
    const claim = { consumed: false, expiresAtMs: approval.expiresAtMs };
    const input = this.context.gateInput(approval.order, record, claim, this.recentOrders(record.strategy));
    const { shown } = approval;
    const decision = evaluateGate(shown === null ? input : { ...input, shown });
    const flipped = newlyHit(approval.reasons, decision.reasons);
    record.decision = decision;
    this.writeDecision(signalId, record.symbol, 'approval', decision, approval.order.id);
    if (flipped.length > 0) return refusalOf(flipped);
    this.closeApproval(signalId, 'approved', by, reason);
    return this.permit(approval.order, record, decision);
  }

  decline(signalId: string, by: string | undefined, reason: string | undefined): RefusedLine | null {
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
    return { order, referencePrice: decision.referencePrice, positionEffect: decision.positionEffect };
  }

  private recentOrders(strategy: string): number {
    const since = this.clock.nowMs - MINUTE_MS;
    const recent = (this.placedAtMs.get(strategy) ?? []).filter((ms) => ms > since);
    this.placedAtMs.set(strategy, recent);
    return recent.length;
  }

  private openApproval(signalId: string, order: NewOrder, decision: GateDecision, equity: Money | null): void {
    const { expiresAtMs, reasons, referencePrice: price, exposureAfter } = decision;
    const shown = price === null ? null : { price, equity, exposureAfter };
    this.approvals.set(signalId, { order, reasons, shown, expiresAtMs });
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
      not_evaluated: decision.notEvaluated,
      position_effect: decision.positionEffect,
      reasons: decision.reasons.map(({ code, observed, threshold, tier }) => ({ code, observed, threshold, tier })),
      signal_id: signalId,
      symbol,
    });
  }
}

function refusalOf(reasons: readonly RuleHit[]): RefusedLine {
  return { codes: reasons.map(({ code }) => code), message: reasons.map(({ message }) => message).join('; ') };
}

function unknownApproval(signalId: string): RefusedLine {
  return { codes: ['UNKNOWN_APPROVAL'], message: `no approval waits for signal ${signalId}` };
}
