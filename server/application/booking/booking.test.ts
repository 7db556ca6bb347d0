import { expect, test } from 'vitest';
import { orderState } from '@/server/application/testing/fakes';
import type { OrderInput } from '@/server/domain/order/types';
import { matchExecutionId } from '@/server/domain/reconciliation';
import { parseUnits } from '@/server/kernel/money';
import { type BookingRequest, decideBooking } from './booking';

const accepted = orderState('o1', { claimed: true, status: 'ACCEPTED', pending: 'NONE', externalOrderId: 'b1' });
const fill = (executionId: string, qty: string, atMs = 0): OrderInput => ({
  kind: 'fill',
  executionId,
  qty: parseUnits(qty),
  price: parseUnits('100'),
  atMs,
});
const request = (...inputs: OrderInput[]): BookingRequest => ({
  source: 'STREAM',
  inputs: inputs.map((input) => ({ input })),
});

test('a fill before the acknowledgement tells consumers of both', () => {
  const state = orderState('o1', { claimed: true });
  const decision = decideBooking(state, { ...request(fill('e1', '10')), externalOrderId: 'b1' });
  expect(decision.state).toMatchObject({ status: 'FILLED', externalOrderId: 'b1' });
  expect(decision.outbox.map(({ topic }) => topic)).toEqual(['order.accepted', 'order.filled']);
});

test('the same fill again leaves no trace', () => {
  const { state } = decideBooking(accepted, request(fill('e1', '4')));
  const again = decideBooking(state, request(fill('e1', '4')));
  expect(again).toMatchObject({ unchanged: true, timeline: [], outbox: [] });
});

test('what is impossible is recorded and changes nothing', () => {
  const cancelled = orderState('o1', { status: 'CANCELLED', pending: 'NONE', claimed: true, externalOrderId: 'b1' });
  const decision = decideBooking(cancelled, request({ kind: 'expired' }));
  expect(decision.state).toBe(cancelled);
  expect(decision.timeline).toEqual([{ type: 'refused', data: expect.objectContaining({ input: 'expired' }) }]);
});

test('a closed order that did not know its name at the broker learns it without reopening', () => {
  const cancelled = orderState('o1', { status: 'CANCELLED', pending: 'NONE', claimed: true });
  const decision = decideBooking(cancelled, { source: 'RECONCILIATION', externalOrderId: 'b1', inputs: [] });
  expect(decision.state).toMatchObject({ status: 'CANCELLED', externalOrderId: 'b1' });
  expect(decision.unchanged).toBe(false);
});

test('a real execution takes the place of one that was inferred', () => {
  const guessed = decideBooking(accepted, request(fill('inferred:o1:0-10', '10')));
  const real = decideBooking(guessed.state, request(fill('e1', '10')));
  expect(real.state).toMatchObject({ status: 'FILLED', cumQty: parseUnits('10') });
  expect(real.state.fills).toHaveLength(1);
  expect(decideBooking(real.state, request(fill('e1', '10'))).unchanged).toBe(true);
});

test('a fill after a cancel opens a break; one beyond the quantity also reduces trading', () => {
  const cancelled = orderState('o1', { status: 'CANCELLED', pending: 'NONE', claimed: true, externalOrderId: 'b1' });
  expect(decideBooking(cancelled, request(fill('e1', '1'))).effects).toContainEqual({
    kind: 'open_break',
    cause: 'LATE_FILL',
  });
  expect(decideBooking(accepted, request(fill('e1', '11'))).effects).toContainEqual({ kind: 'reduce_trading' });
});

test('an execution that two channels name differently is known by cumulative quantity, price and time', () => {
  const { state } = decideBooking(accepted, request(fill('s1', '4', 1_000), fill('s2', '4', 2_000)));
  const reported = { executionId: 'a2', qty: parseUnits('4'), price: parseUnits('100'), atMs: 2_300 };
  expect(matchExecutionId(state.fills, { ...reported, cumQty: parseUnits('8') })).toBe('s2');
  expect(matchExecutionId(state.fills, { ...reported, cumQty: parseUnits('10') })).toBe('a2');
  expect(matchExecutionId(state.fills, { ...reported, atMs: 9_000, cumQty: parseUnits('8') })).toBe('a2');
  expect(matchExecutionId(state.fills, { ...reported, cumQty: null })).toBe('a2');
});

test('of equal executions within a second the one that the stream lost is booked when the statement tells of it', () => {
  const names = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'] as const;
  const alike = (n: number, cumQty: string) => ({
    ...fill(names[n] ?? '', '4', 1_000 + n),
    cumQty: parseUnits(cumQty),
  });
  const { state } = decideBooking(accepted, request(alike(1, '8')));
  const booked = decideBooking(state, request(alike(0, '4'), alike(1, '8')));
  expect(booked.state.cumQty).toBe(parseUnits('8'));
  expect(booked.state.fills.map(({ executionId }) => executionId)).toEqual([names[1], names[0]]);
});

test('executions that are alike and arrive in another order are all booked, whatever channel reports them (O-4)', () => {
  const order = orderState('o1', { claimed: true, status: 'ACCEPTED', pending: 'NONE', externalOrderId: 'b1' });
  const part = (n: number, cumQty: string) => ({
    input: fill(`00000000-0000-4000-8000-00000000000${n}`, '3', n),
    cumQty: parseUnits(cumQty),
  });
  const late = decideBooking(order, { source: 'STREAM', inputs: [part(2, '6'), part(3, '9')] });
  const streamed = decideBooking(late.state, { source: 'STREAM', inputs: [part(1, '3')] });
  expect(streamed.state.cumQty).toBe(parseUnits('9'));
  const listed = decideBooking(late.state, { source: 'RECONCILIATION', inputs: [part(1, '3')] });
  expect(listed.state.cumQty).toBe(parseUnits('9'));
});

test('an execution that would fill more than was ordered is one that is booked under another name (O-4)', () => {
  const order = orderState('o1', { claimed: true, status: 'ACCEPTED', pending: 'NONE', externalOrderId: 'b1' });
  const whole = (n: number) => ({
    input: fill(`00000000-0000-4000-8000-00000000000${n}`, '10'),
    cumQty: parseUnits('10'),
  });
  const booked = decideBooking(order, { source: 'RECONCILIATION', inputs: [whole(1)] });
  const again = decideBooking(booked.state, { source: 'STREAM', inputs: [whole(2)] });
  expect(again.state).toMatchObject({ cumQty: parseUnits('10'), flags: [] });
});
