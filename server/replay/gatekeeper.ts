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
import type { TradingControl } from '@/server/replay/trading-control';
import type { RefusedLine } from '@/server/replay/working-order';

const MINUTE_MS = 60_000;

/** A person's decision that is still wanted. It holds this exact order. */
interface Approval {
  readonly order: NewOrder;
  readonly reasons: readonly RuleHit[];
  readonly shown: ShownFigures | null;
  readonly expiresAtMs: number;
}

/** Who a line says proposed a signal. */
interface Proposer {
  readonly strategy?: string | undefined;
  readonly principal?: string | undefined;
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
  private readonly placed = new Map<string, { readonly signalId: string | null; readonly atMs: number }[]>();
  private openings: { readonly key: string; readonly atMs: number }[] = [];
  private evaluations = 0;

  constructor(
    private readonly context: GateContext,
    private readonly control: TradingControl,
    private readonly clock: MarketClock,
    private readonly journal: Journal,
  ) {}

  /** Judges what a line states: advisory, no order consumes it. */
  evaluate(request: PolicyRequest, { strategy = '', principal = '' }: Proposer): void {
    const { policy } = this.context.options;
    const nowMs = this.clock.nowMs;
    const decision = evaluatePolicy(
      request,
      policy,
      this.context.stageFacts(request.symbol),
      this.control.state,
      nowMs,
    );
    const ttlSeconds = decision.decision === 'REVIEW' ? policy.reviewTtlSeconds : policy.approveTtlSeconds;
    this.signals.set(request.signal_id, {
      signalId: request.signal_id,
      strategy,
      principal,
      symbol: request.symbol,
      action: request.candidate_action,
      confidence: unitsFromNumber(request.confidence),
      sizePct: unitsFromNumber(request.size_pct),
      stopDistancePct: request.stop_distance_pct === undefined ? null : unitsFromNumber(request.stop_distance_pct),
      request,
      decision,
      expiresAtMs: nowMs + ttlSeconds * 1000,
      consumed: this.signals.get(request.signal_id)?.consumed ?? false,
    });
    this.writeDecision(request.signal_id, request.symbol, 'policy', decision);
  }

  /** Registers a strategy's proposal. */
  propose(candidate: SignalCandidate): SignalRecord {
    const record: SignalRecord = {
      signalId: candidate.signalId,
      strategy: candidate.strategy,
      principal: '',
      symbol: candidate.symbol,
      action: candidate.action,
      confidence: unitsFromNumber(candidate.confidence),
      sizePct: unitsFromNumber(candidate.sizePct),
      stopDistancePct: candidate.stopDistancePct === undefined ? null : unitsFromNumber(candidate.stopDistancePct),
      request: null,
      decision: null,
      expiresAtMs: this.clock.nowMs + this.context.options.policy.approveTtlSeconds * 1000,
      consumed: false,
    };
    this.signals.set(record.signalId, record);
    return record;
  }

  /** Judges an order. A permit places it; `null` means that a person is asked, or that there is a refusal. */
  judge(terms: OrderTerms, signalId: string | null): Permit | RefusedLine | null {
    const record = signalId === null ? undefined : this.signals.get(signalId);
    const claim = { consumed: record?.consumed ?? false, expiresAtMs: record?.expiresAtMs ?? 0 };
    const counted = this.recentOrders(record?.strategy ?? '');
    const input = this.context.gateInput(terms, record, claim, counted, this.isDuplicate(record, terms));
    const decision = evaluateGate(input);
    if (record !== undefined) record.decision = decision;
    this.writeDecision(signalId, terms.symbol, 'gate', decision, terms.id);
    if (decision.decision === 'REJECT') return refusalOf(decision.reasons);
    const order: NewOrder = { ...terms, qty: terms.qty ?? decision.orderQty };
    if (record !== undefined) record.consumed = true;
    if (decision.positionEffect === 'OPEN')
      this.openings.push({ key: openingKey(record, order), atMs: this.clock.nowMs });
    this.count(record, signalId);
    if (decision.decision === 'APPROVE' || signalId === null) return this.permit(order, decision);
    this.openApproval(signalId, order, decision, input.account?.equity ?? null);
    return null;
  }

  /** A person's countersignature: judged again, refused when any rule flipped. */
  approve(signalId: string, by: string | undefined, reason: string | undefined): Permit | RefusedLine {
    const approval = this.approvals.get(signalId);
    const record = this.signals.get(signalId);
    if (approval === undefined || record === undefined) return unknownApproval(signalId);
    if (this.clock.nowMs >= approval.expiresAtMs)
      return { codes: ['APPROVAL_EXPIRED'], message: 'the approval has expired' };
    const claim = { consumed: false, expiresAtMs: approval.expiresAtMs };
    // Its own review does not count against it, nor is it a duplicate of itself.
    const counted = this.recentOrders(record.strategy, signalId);
    const input = this.context.gateInput(approval.order, record, claim, counted, false);
    const { shown } = approval;
    const decision = evaluateGate(shown === null ? input : { ...input, shown });
    const flipped = newlyHit(approval.reasons, decision.reasons);
    record.decision = decision;
    this.writeDecision(signalId, record.symbol, 'approval', decision, approval.order.id);
    if (flipped.length > 0) return refusalOf(flipped);
    this.closeApproval(signalId, 'approved', by, reason);
    this.count(record, signalId);
    return this.permit(approval.order, decision);
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

  /** An order or a review counts to the rate of its strategy; an approved review counts as its order. */
  private count(record: SignalRecord | undefined, signalId: string | null): void {
    const strategy = record?.strategy ?? '';
    const before = (this.placed.get(strategy) ?? []).filter((each) => signalId === null || each.signalId !== signalId);
    this.placed.set(strategy, [...before, { signalId, atMs: this.clock.nowMs }]);
  }

  private permit(order: NewOrder, decision: GateDecision): Permit {
    return { order, referencePrice: decision.referencePrice, positionEffect: decision.positionEffect };
  }

  private recentOrders(strategy: string, except: string | null = null): number {
    const since = this.clock.nowMs - MINUTE_MS;
    const recent = (this.placed.get(strategy) ?? []).filter(({ atMs }) => atMs > since);
    this.placed.set(strategy, recent);
    return recent.filter(({ signalId }) => except === null || signalId !== except).length;
  }

  /** Whether an equal opening order or review lies within the policy's window (DUPLICATE_ORDER). */
  private isDuplicate(record: SignalRecord | undefined, terms: OrderTerms): boolean {
    const { duplicateWindowSeconds } = this.context.options.policy;
    if (duplicateWindowSeconds === null) return false;
    const since = this.clock.nowMs - Number(formatUnits(duplicateWindowSeconds)) * 1000;
    this.openings = this.openings.filter(({ atMs }) => atMs >= since);
    return this.openings.some(({ key }) => key === openingKey(record, terms));
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

/** Equal for orders of the same strategy that ask for the same (DUPLICATE_ORDER). */
function openingKey(
  record: SignalRecord | undefined,
  { symbol, side, qty, orderType, limitPrice }: OrderTerms,
): string {
  return [record?.strategy ?? '', symbol, side, qty, orderType, limitPrice ?? ''].join(' ');
}

function refusalOf(reasons: readonly RuleHit[]): RefusedLine {
  return { codes: reasons.map(({ code }) => code), message: reasons.map(({ message }) => message).join('; ') };
}

function unknownApproval(signalId: string): RefusedLine {
  return { codes: ['UNKNOWN_APPROVAL'], message: `no approval waits for signal ${signalId}` };
}
