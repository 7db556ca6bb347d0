import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { transition } from '@/server/domain/order/lifecycle';
import { newOrder } from '@/server/domain/order/new-order';
import type { OrderInput, OrderState } from '@/server/domain/order/types';
import { avgPrice, isClosed, leavesQty } from '@/server/domain/order/view';
import { ONE } from '@/server/kernel/money';
import { fuzz } from '@/test-support/fuzz';

const ORDER = newOrder({ id: 'o', symbol: 'SPY', side: 'BUY', qty: 1000n * ONE, orderType: 'MARKET' });

const amount = fc.record({ qty: fc.integer({ min: 1, max: 600 }), price: fc.integer({ min: 1, max: 500 }) });

/** Fills, corrections of fills and of corrections, and busts of either: a consistent history of executions. */
const executions: fc.Arbitrary<OrderInput[]> = fc
  .array(
    fc.record({
      fill: amount,
      corrections: fc.array(fc.record({ to: amount, of: fc.nat(3), atMs: fc.nat(2) }), { maxLength: 4 }),
      bust: fc.option(fc.nat(4)),
    }),
    { maxLength: 6 },
  )
  .map((histories) =>
    histories.flatMap(({ fill, corrections, bust }, i) => {
      const ids = [`e${i}`];
      const inputs: OrderInput[] = [
        { kind: 'fill', executionId: `e${i}`, qty: BigInt(fill.qty) * ONE, price: BigInt(fill.price) * ONE, atMs: 1 },
      ];
      corrections.forEach(({ to, of, atMs }, j) => {
        const refExecutionId = ids[of % ids.length] ?? `e${i}`;
        const executionId = `c${i}-${j}`;
        inputs.push({
          kind: 'correct',
          executionId,
          refExecutionId,
          qty: BigInt(to.qty) * ONE,
          price: BigInt(to.price) * ONE,
          atMs,
        });
        ids.push(executionId);
      });
      if (bust !== null) inputs.push({ kind: 'bust', refExecutionId: ids[bust % ids.length] ?? `e${i}` });
      return inputs;
    }),
  );

const statusEvent: fc.Arbitrary<OrderInput> = fc.constantFrom<OrderInput>(
  { kind: 'claimed' },
  { kind: 'submit_uncertain' },
  { kind: 'submit_absent' },
  { kind: 'accepted' },
  { kind: 'rejected' },
  { kind: 'cancel_requested' },
  { kind: 'cancel_rejected' },
  { kind: 'cancelled' },
  { kind: 'expired' },
  { kind: 'done_for_day' },
);

/** A permutation of `items` with some of them repeated. */
function shuffled<T>(items: readonly T[]): fc.Arbitrary<T[]> {
  if (items.length === 0) return fc.constant([]);
  return fc.array(fc.nat(items.length - 1), { maxLength: 6 }).chain((again) => {
    const all = [...items, ...again.flatMap((i) => items.slice(i, i + 1))];
    return fc.shuffledSubarray(all, { minLength: all.length });
  });
}

function play(inputs: readonly OrderInput[], start: OrderState = ORDER): OrderState[] {
  const states = [start];
  for (const input of inputs) {
    const before = states.at(-1) ?? start;
    const result = transition(before, input);
    states.push(result.ok ? result.state : before);
  }
  return states;
}

function last(states: readonly OrderState[]): OrderState {
  return states.at(-1) ?? ORDER;
}

describe('an order under any history', () => {
  it('ends in the same cum, average price and fills whatever the order and repetition of executions', () => {
    fc.assert(
      fc.property(
        executions.chain((inputs) => fc.tuple(fc.constant(inputs), shuffled(inputs))),
        ([inputs, other]) => {
          const a = last(play(inputs));
          const b = last(play(other));
          expect(b.cumQty).toBe(a.cumQty);
          expect(avgPrice(b)).toBe(avgPrice(a));
          expect(b.status).toBe(a.status);
          expect(b.waiting).toEqual([]);
          expect(b.flags).not.toContain('EXECUTION_CONFLICT');
        },
      ),
      fuzz(400),
    );
  });

  it('keeps every fill and the same cum whatever status events come between', () => {
    fc.assert(
      fc.property(
        executions.chain((inputs) =>
          fc.tuple(
            fc.constant(inputs),
            fc.array(statusEvent, { maxLength: 12 }).chain((events) => shuffled([...inputs, ...events])),
          ),
        ),
        ([inputs, mixed]) => {
          expect(last(play(mixed)).cumQty).toBe(last(play(inputs)).cumQty);
          expect(last(play(mixed)).cumNotional).toBe(last(play(inputs)).cumNotional);
        },
      ),
      fuzz(400),
    );
  });

  it('holds cum + leaves = qty while live, leaves = 0 once closed, and cum = the fills not busted', () => {
    fc.assert(
      fc.property(
        executions.chain((inputs) =>
          fc.array(statusEvent, { maxLength: 12 }).chain((events) => shuffled([...inputs, ...events])),
        ),
        (inputs) => {
          for (const state of play(inputs)) {
            expect(leavesQty(state)).toBe(isClosed(state.status) ? 0n : state.qty - state.cumQty);
            expect(leavesQty(state)).toBeGreaterThanOrEqual(0n);
            const counted = state.fills.filter((fill) => !fill.busted);
            expect(state.cumQty).toBe(counted.reduce((sum, fill) => sum + fill.qty, 0n));
            expect(state.cumNotional).toBe(counted.reduce((sum, fill) => sum + fill.qty * fill.price, 0n));
            expect(state.pending === 'CANCEL').toBe(state.cancelRequested && state.pending !== 'SUBMIT');
          }
        },
      ),
      fuzz(300),
    );
  });

  it('is never reopened by a status event', () => {
    fc.assert(
      fc.property(fc.array(statusEvent, { maxLength: 20 }), executions, (events, fills) => {
        const states = play([...events, ...fills, ...events]);
        states.forEach((state, i) => {
          const next = states[i + 1];
          const input = [...events, ...fills, ...events][i];
          if (next === undefined || input === undefined || !isClosed(state.status)) return;
          const execution = input.kind === 'fill' || input.kind === 'bust' || input.kind === 'correct';
          if (state.status !== 'FILLED' || !execution) expect(next.status).toBe(state.status);
        });
      }),
      fuzz(300),
    );
  });
});
