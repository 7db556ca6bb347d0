import { describe, expect, it } from 'vitest';
import type { OrderDetail } from '@/components/trpc/types';
import { prepareTimeline } from './prepare-timeline';

type Timeline = Parameters<typeof prepareTimeline>[0];
const ID = '00000000-0000-4000-8000-000000000001';
const at = (second: number) => `2026-01-05T15:00:0${second}.000Z`;

const signal: NonNullable<OrderDetail['signal']> = {
  id: ID,
  source: 'STRATEGY',
  strategy: 'fake',
  modelVersion: '',
  symbol: 'SPY',
  action: 'BUY',
  confidence: '0.5',
  sizePct: '0.02',
  stopDistancePct: null,
  reasoning: null,
  createdAt: at(0),
  expiresAt: at(9),
};

const gate: OrderDetail['evaluations'][number] = {
  id: ID,
  kind: 'GATE',
  decision: 'REVIEW',
  approvedSizePct: '0.01',
  policyVersion: 1,
  stage: 'M0_LOCAL',
  inputHash: 'x',
  reasons: [{ code: 'CONFIDENCE_LOW', tier: 'REVIEW', observed: '0.5', threshold: '0.6', message: 'too low' }],
  withoutMemo: null,
  createdAt: at(1),
};

const empty: Timeline = { signal: null, evaluations: [], approval: null, events: [] };

describe('prepareTimeline', () => {
  it('lists an approved order from signal to fill by time', () => {
    const detail: Timeline = {
      signal,
      evaluations: [
        gate,
        { ...gate, id: `${ID}2`, kind: 'APPROVAL', decision: 'APPROVE', reasons: [], createdAt: at(3) },
      ],
      approval: { id: ID, status: 'APPROVED', createdAt: at(1), decidedAt: at(3), decidedBy: 'ann', reason: null },
      events: [
        { id: '1', type: 'created', source: 'API', at: at(3), data: {} },
        { id: '2', type: 'accepted', source: 'STREAM', at: at(4), data: {} },
        { id: '3', type: 'fill', source: 'STREAM', at: at(5), data: { qty: '10', price: '100' } },
      ],
    };
    expect(prepareTimeline(detail).map((item) => item.title)).toEqual([
      'Signal BUY SPY',
      'Policy decision: Review',
      'Approval requested',
      'Policy check at approval: Allow',
      'Approval approved',
      'Order created',
      'Accepted by the broker',
      'Filled',
    ]);
  });

  it('carries every rule that was hit, with its numbers', () => {
    expect(prepareTimeline({ ...empty, evaluations: [gate] })[0]?.hits).toEqual(gate.reasons);
  });

  it('shows an unknown event under its own name', () => {
    const events = [{ id: '1', type: 'margin_called', source: 'STREAM', at: at(1), data: {} }];
    expect(prepareTimeline({ ...empty, events })[0]?.title).toBe('margin called');
  });

  it('names the person where an event has one, and leaves ids out of the text', () => {
    const events = [
      {
        id: '1',
        type: 'cancel_requested',
        source: 'OPERATOR',
        at: at(1),
        data: { by: 'ann', order_id: ID, reason: 'too late' },
      },
    ];
    expect(prepareTimeline({ ...empty, events })[0]).toMatchObject({ by: 'ann', detail: 'reason too late' });
  });
});
