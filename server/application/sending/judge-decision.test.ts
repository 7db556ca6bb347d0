import { describe, expect, test } from 'vitest';
import { gateRecord } from '@/server/application/placing/gate-record';
import type { OrderBasis, OrderTerms, StoredDecision } from '@/server/application/ports/execution-store';
import { GOOD_BASIS } from '@/server/application/testing/fakes';
import { DEFAULT_POLICY_BODY, evaluateGate } from '@/server/domain/policy';
import type { GateInput } from '@/server/domain/policy/gate-types';
import { inputWith, POLICY, SIGNAL } from '@/server/domain/policy/testing/gate-fixture';
import { SYSTEM_PRINCIPAL_ID } from '@/server/kernel/actor';
import { parseMoney, parseUnits } from '@/server/kernel/money';
import { judgeDecision, type OrderCaps } from './judge-decision';

const NO_CAPS: OrderCaps = { notional: null, qty: null };
const ONE_SHARE = parseUnits('1');

const judge = (changes: Partial<OrderBasis>, caps = NO_CAPS) => judgeDecision({ ...GOOD_BASIS, ...changes }, caps);
const order = (changes: Partial<OrderTerms>) => ({ order: { ...GOOD_BASIS.order, ...changes } });

/** What the gate stores when it judges this input. */
function stored(input: GateInput, changes: Partial<StoredDecision> = {}): { readonly decision: StoredDecision } {
  return {
    decision: {
      kind: 'GATE',
      signalId: 's1',
      decision: evaluateGate(input).decision,
      stage: input.stage,
      policyVersion: POLICY.version,
      policy: DEFAULT_POLICY_BODY,
      record: gateRecord(input),
      ...changes,
    },
  };
}

const oneShare = (changes: Parameters<typeof inputWith>[0] = {}) =>
  inputWith({ ...changes, order: { qty: ONE_SHARE, ...changes.order } });
const unsure = oneShare({ signal: { confidence: parseUnits('0.5') } });
const closed = oneShare({ market: { open: false } });

test('H1, O-13: an order whose inputs give an APPROVE of its terms may be sent', () => {
  expect(judge({})).toBeNull();
});

describe('H1, O-13: an order that its decision does not bear is not sent', () => {
  test.each<[string, Partial<OrderBasis>, string]>([
    ['no decision is stored', { decision: null }, 'not stored'],
    ['an advisory decision', stored(oneShare(), { kind: 'ADVISORY' }), 'kind ADVISORY'],
    ['a decision on an approval, without one', stored(oneShare(), { kind: 'APPROVAL' }), 'kind APPROVAL'],
    ['the decision is a REJECT', stored(closed), 'decision is REJECT'],
    ['the decision is a REVIEW', stored(unsure), 'decision is REVIEW'],
    ['a REJECT was rewritten', stored(closed, { decision: 'APPROVE' }), 'inputs give REJECT'],
    ['a REVIEW was rewritten', stored(unsure, { decision: 'APPROVE' }), 'inputs give REVIEW'],
    ['more shares', order({ qty: parseUnits('400') }), 'another qty'],
    ['the other side', order({ side: 'SELL' }), 'another side'],
    ['another symbol', order({ symbol: 'TSLA' }), 'another symbol'],
    ['another type', order({ orderType: 'LIMIT', limitPrice: parseUnits('300') }), 'another orderType'],
    ['another reference price', order({ referencePrice: parseUnits('1') }), 'another referencePrice'],
    ['a closing order that opens', order({ positionEffect: 'REDUCE' }), 'another positionEffect'],
    ['another signal', { signalId: 's2' }, 'another signal'],
    ['it outlives the decision', { expiresAtMs: (GOOD_BASIS.expiresAtMs ?? 0) + 1 }, 'outlive'],
    ['it never expires', { expiresAtMs: null }, 'outlive'],
    ['another policy version', stored(oneShare(), { policyVersion: 2 }), 'another policy version'],
    ['the policy is not stored', stored(oneShare(), { policy: null }), 'cannot be read'],
    ['another stage', stored(oneShare(), { stage: 'M3_LIVE_SMALL' }), 'another stage'],
    ['older rules', stored({ ...oneShare(), ruleSet: 1 }), 'other rules'],
    ['the leniency of a kill drill', stored({ ...oneShare(), drill: true }), 'kill drill'],
    ['inputs that make no sense', stored(oneShare(), { record: { now_ms: 'x' } }), 'cannot be read'],
    [
      'its approval is not stored',
      { approvalId: 'a1', ...stored(oneShare(), { kind: 'APPROVAL' }) },
      'approval is not',
    ],
  ])('%s', (_what, changes, why) => {
    expect(judge(changes)).toContain(why);
  });

  test('a kill drill may use its leniency', () => {
    const drill = stored({ ...oneShare(), drill: true });
    expect(judge({ ...drill, principalId: SYSTEM_PRINCIPAL_ID, strategy: 'kill-drill' })).toBeNull();
  });
});

describe('H1, O-13: an order that an approval released', () => {
  const released = { ...unsure, shown: { price: parseUnits('200'), equity: null, exposureAfter: null } };
  const { referencePrice: _price, positionEffect: _effect, ...terms } = GOOD_BASIS.order;
  const approval = {
    status: 'APPROVED',
    orderId: 'o1',
    signalId: 's1',
    terms,
    requested: { kind: 'GATE', decision: 'REVIEW', reasons: evaluateGate(released).reasons },
  };
  const approved = (changes: Partial<typeof approval>): Partial<OrderBasis> => ({
    approvalId: 'a1',
    ...stored(released, { kind: 'APPROVAL' }),
    approval: { ...approval, ...changes },
  });

  test.each(['APPROVED', 'REDUCED'])('is sent when the approval is %s on the same terms', (status) => {
    expect(judge(approved({ status }))).toBeNull();
  });

  test.each<[string, Partial<OrderBasis>, string]>([
    ['a pending approval', approved({ status: 'PENDING' }), 'is PENDING'],
    ['a rejected approval', approved({ status: 'REJECTED' }), 'is REJECTED'],
    ['the approval of another order', approved({ orderId: 'o2' }), 'another order'],
    ['the approval of another signal', approved({ signalId: 's2' }), 'another order'],
    ['another quantity', approved({ terms: { ...terms, qty: parseUnits('0.5') } }), 'another qty'],
    ['another time in force', approved({ terms: { ...terms, timeInForce: 'GTC' } }), 'another timeInForce'],
    ['an approval without a request', approved({ requested: { ...approval.requested, kind: 'ADVISORY' } }), 'the gate'],
    [
      'a rule that was not shown',
      approved({ requested: { ...approval.requested, reasons: [] } }),
      'decision is REVIEW',
    ],
    [
      'a REJECT when it was approved',
      { ...approved({}), ...stored({ ...released, tradingState: 'HALTED' }, { kind: 'APPROVAL' }) },
      'REJECT',
    ],
  ])('%s', (_what, changes, why) => {
    expect(judge(changes)).toContain(why);
  });
});

test("O-13: an opening order above the worker's own caps is not sent, a closing one is", () => {
  const within = { notional: parseMoney('200'), qty: ONE_SHARE };
  expect(judge({}, within)).toBeNull();
  expect(judge({}, { ...within, notional: parseMoney('199.99') })).toContain('more than this worker sends');
  expect(judge({}, { ...within, qty: parseUnits('0.99') })).toContain('more than this worker sends');
  const closing = inputWith({
    signal: { ...SIGNAL, action: 'SELL' },
    order: { side: 'SELL', qty: ONE_SHARE },
    account: { heldQty: parseUnits('5') },
  });
  const terms = order({ side: 'SELL', positionEffect: 'REDUCE', referencePrice: parseUnits('199.9') });
  expect(judge({ ...stored(closing), ...terms }, { notional: 1n, qty: 1n })).toBeNull();
});
