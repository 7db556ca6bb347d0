import { describe, expect, it } from 'vitest';
import { transition } from '@/server/domain/order/lifecycle';
import { adoptOrder, newOrder, orderProblem } from '@/server/domain/order/new-order';
import type { OrderEffect, OrderInput, OrderState } from '@/server/domain/order/types';
import { avgPrice, displayStatus, leavesQty } from '@/server/domain/order/view';
import { parseUnits } from '@/server/kernel/money';
import type { OrderStatus } from '@/server/kernel/vocabulary';

const u = parseUnits;

function order(qty = '100'): OrderState {
  return newOrder({ id: 'o1', symbol: 'SPY', side: 'BUY', qty: u(qty), orderType: 'LIMIT', limitPrice: u('120') });
}

/** `e1:60@100` is a fill, `bust e1`, `e1>c1:50@99` a correction, anything else an input without data. */
function input(text: string): OrderInput {
  const fill = /^(\w+):(\d+)@(\d+)$/.exec(text);
  if (fill)
    return { kind: 'fill', executionId: fill[1] ?? '', qty: u(fill[2] ?? ''), price: u(fill[3] ?? ''), atMs: 1 };
  const correct = /^(\w+)>(\w+):(\d+)@(\d+)$/.exec(text);
  if (correct) {
    const [, refExecutionId = '', executionId = '', qty = '', price = ''] = correct;
    return { kind: 'correct', refExecutionId, executionId, qty: u(qty), price: u(price) };
  }
  const bust = /^bust (\w+)$/.exec(text);
  if (bust) return { kind: 'bust', refExecutionId: bust[1] ?? '' };
  if (text === 'unsent') return { kind: 'cancelled', unsent: true };
  const plain: Record<string, OrderInput> = {
    claimed: { kind: 'claimed' },
    submit_uncertain: { kind: 'submit_uncertain' },
    submit_absent: { kind: 'submit_absent' },
    accepted: { kind: 'accepted', externalOrderId: 'x1' },
    rejected: { kind: 'rejected' },
    cancel: { kind: 'cancel_requested' },
    cancel_rejected: { kind: 'cancel_rejected' },
    cancelled: { kind: 'cancelled' },
    expired: { kind: 'expired' },
    done_for_day: { kind: 'done_for_day' },
    replace: { kind: 'replace_requested' },
    replaced: { kind: 'replaced' },
    replace_rejected: { kind: 'replace_rejected' },
  };
  const found = plain[text];
  if (found === undefined) throw new Error(`no such input: ${text}`);
  return found;
}

interface Run {
  readonly state: OrderState;
  readonly effects: readonly OrderEffect[];
  readonly refused: readonly string[];
}

function run(steps: readonly string[], start: OrderState = order()): Run {
  let state = start;
  const effects: OrderEffect[] = [];
  const refused: string[] = [];
  for (const step of steps) {
    const result = transition(state, input(step));
    if (!result.ok) {
      refused.push(step);
      continue;
    }
    state = result.state;
    effects.push(...result.effects);
  }
  return { state, effects, refused };
}

function summary({ state }: Run): string {
  return `${displayStatus(state)} ${state.cumQty / u('1')}/${leavesQty(state) / u('1')}`;
}

describe('the life of an order', () => {
  // Steps, then status shown, cum/leaves, and the steps that must have been refused.
  it.each<[string, string, string[]]>([
    // Vanilla
    ['claimed accepted', 'ACCEPTED 0/100', []],
    ['claimed accepted e1:40@10', 'PARTIALLY_FILLED 40/60', []],
    ['claimed accepted e1:40@10 e2:60@10', 'FILLED 100/0', []],
    ['claimed e1:40@10', 'PARTIALLY_FILLED 40/60', []],
    ['claimed e1:100@10 accepted', 'FILLED 100/0', []],
    ['claimed e1:40@10 accepted accepted', 'PARTIALLY_FILLED 40/60', []],
    ['claimed accepted e1:40@10 done_for_day', 'PARTIALLY_FILLED 40/60', []],
    ['claimed accepted e1:100@10 done_for_day', 'FILLED 100/0', ['done_for_day']],
    // Cancels that were asked for
    ['claimed accepted cancel', 'CANCEL_PENDING 0/100', []],
    ['claimed accepted cancel cancel', 'CANCEL_PENDING 0/100', []],
    ['claimed accepted cancel cancelled', 'CANCELLED 0/0', []],
    ['claimed accepted cancel e1:40@10 cancelled', 'CANCELLED 40/0', []],
    ['claimed accepted cancel e1:40@10 cancel_rejected', 'PARTIALLY_FILLED 40/60', []],
    ['claimed accepted cancel cancel_rejected', 'ACCEPTED 0/100', []],
    ['claimed accepted cancel e1:100@10', 'CANCEL_PENDING 100/0', []],
    ['claimed accepted cancel e1:100@10 cancel_rejected', 'FILLED 100/0', []],
    ['claimed accepted cancel e1:100@10 cancelled', 'FILLED 100/0', []],
    ['claimed accepted cancel e1:100@10 cancelled cancelled', 'FILLED 100/0', ['cancelled']],
    ['claimed accepted cancel e1:100@10 bust e1', 'CANCEL_PENDING 0/100', []],
    ['claimed cancel', 'CANCEL_PENDING 0/100', []],
    ['claimed cancel accepted', 'CANCEL_PENDING 0/100', []],
    ['claimed cancel accepted cancelled', 'CANCELLED 0/0', []],
    ['claimed cancel cancelled', 'CANCELLED 0/0', []],
    ['claimed cancel e1:40@10', 'CANCEL_PENDING 40/60', []],
    ['claimed cancel rejected', 'REJECTED 0/0', []],
    ['claimed cancel cancel_rejected', 'ACCEPTED 0/100', []],
    ['claimed accepted cancel expired', 'EXPIRED 0/0', []],
    ['claimed accepted cancel expired cancel_rejected', 'EXPIRED 0/0', ['cancel_rejected']],
    ['claimed accepted cancel_rejected', 'ACCEPTED 0/100', ['cancel_rejected']],
    // O-10: another order is to take its place
    ['claimed replace', 'NEW 0/100', ['replace']],
    ['claimed accepted replace', 'ACCEPTED 0/100', []],
    ['claimed accepted replace replace', 'ACCEPTED 0/100', ['replace']],
    ['claimed accepted cancel replace', 'CANCEL_PENDING 0/100', ['replace']],
    ['claimed accepted replace e1:40@10 replaced', 'CANCELLED 40/0', []],
    ['claimed accepted replaced e1:40@10', 'CANCELLED 40/0', []],
    ['claimed accepted replace replace_rejected', 'ACCEPTED 0/100', []],
    ['claimed accepted replace e1:100@10 replaced replace_rejected', 'FILLED 100/0', ['replaced']],
    ['claimed accepted replace_rejected', 'ACCEPTED 0/100', ['replace_rejected']],
    ['claimed accepted replace cancel cancelled', 'CANCELLED 0/0', []],
    ['claimed accepted replace replaced replaced', 'CANCELLED 0/0', ['replaced']],
    // Before it was sent
    ['cancel', 'CANCELLED 0/0', []],
    ['cancel claimed', 'CANCELLED 0/0', ['claimed']],
    ['claimed unsent', 'CANCELLED 0/0', []],
    ['claimed accepted unsent', 'ACCEPTED 0/100', ['unsent']],
    // Nobody asked
    ['claimed cancelled', 'CANCELLED 0/0', []],
    ['claimed accepted cancelled', 'CANCELLED 0/0', []],
    ['claimed accepted e1:40@10 cancelled', 'CANCELLED 40/0', []],
    ['claimed expired', 'EXPIRED 0/0', []],
    ['claimed accepted e1:40@10 expired', 'EXPIRED 40/0', []],
    ['claimed rejected', 'REJECTED 0/0', []],
    ['claimed accepted rejected', 'REJECTED 0/0', []],
    ['claimed accepted e1:40@10 rejected', 'PARTIALLY_FILLED 40/60', ['rejected']],
    ['claimed accepted e1:40@10 bust e1 rejected', 'REJECTED 0/0', []],
    // Closed stays closed
    [
      'claimed accepted cancelled accepted rejected expired cancel cancelled',
      'CANCELLED 0/0',
      ['accepted', 'rejected', 'expired', 'cancel', 'cancelled'],
    ],
    ['claimed rejected accepted cancelled done_for_day', 'REJECTED 0/0', ['accepted', 'cancelled', 'done_for_day']],
    ['claimed expired accepted cancel_rejected', 'EXPIRED 0/0', ['accepted', 'cancel_rejected']],
    [
      'claimed accepted e1:100@10 cancel rejected expired cancelled',
      'FILLED 100/0',
      ['cancel', 'rejected', 'expired', 'cancelled'],
    ],
    // Executions in any state
    ['claimed accepted cancelled e1:40@10', 'CANCELLED 40/0', []],
    ['claimed rejected e1:40@10', 'REJECTED 40/0', []],
    ['claimed expired e1:100@10', 'EXPIRED 100/0', []],
    ['claimed accepted e1:50@50 cancel cancelled bust e1 e2:40@51', 'CANCELLED 40/0', []],
    ['claimed accepted e1:60@10 e2:60@10', 'FILLED 120/0', []],
    ['claimed accepted e1:60@10 e2:60@10 bust e1', 'PARTIALLY_FILLED 60/40', []],
    // Busts and corrections
    ['claimed accepted e1:100@10 bust e1', 'ACCEPTED 0/100', []],
    ['claimed accepted e1:60@10 e2:40@10 bust e1', 'PARTIALLY_FILLED 40/60', []],
    ['claimed accepted e1:100@10 bust e1 bust e1', 'ACCEPTED 0/100', []],
    ['claimed accepted e1:40@10 cancelled bust e1', 'CANCELLED 0/0', []],
    ['claimed accepted bust e1 e1:40@10', 'ACCEPTED 0/100', []],
    ['claimed bust e1', 'NEW 0/100', []],
    ['claimed bust e1 e1:40@10', 'ACCEPTED 0/100', []],
    ['claimed accepted e1>c1:50@11 e1:40@10', 'PARTIALLY_FILLED 50/50', []],
    ['claimed accepted e1:40@10 e1>c1:100@10', 'FILLED 100/0', []],
    ['claimed accepted e1:100@10 e1>c1:90@10', 'PARTIALLY_FILLED 90/10', []],
    ['claimed accepted e1:100@10 e1>c1:0@10', 'ACCEPTED 0/100', []],
    ['claimed accepted e1:40@10 bust e1 e1>c1:60@10', 'ACCEPTED 0/100', []],
    ['claimed accepted e1:40@10 e1>c1:60@10 bust c1', 'ACCEPTED 0/100', []],
    ['claimed accepted c1>c2:70@12 e1>c1:60@11 e1:40@10', 'PARTIALLY_FILLED 70/30', []],
    // The send
    ['claimed submit_uncertain', 'NEW 0/100', []],
    ['submit_uncertain submit_absent', 'NEW 0/100', ['submit_uncertain', 'submit_absent']],
    ['claimed submit_uncertain submit_absent claimed accepted', 'ACCEPTED 0/100', []],
    ['claimed cancel submit_uncertain submit_absent', 'CANCELLED 0/0', []],
    ['claimed cancel claimed', 'CANCEL_PENDING 0/100', []],
    ['claimed accepted submit_uncertain submit_absent claimed', 'ACCEPTED 0/100', ['submit_absent', 'claimed']],
  ])('%s ends as %s', (steps, expected, refused) => {
    const tokens = steps.split(/ (?!e1$|c1$)(?<!bust )/).filter((each) => each !== '');
    const result = run(tokens);
    expect(summary(result)).toBe(expected);
    expect(result.refused).toEqual(refused);
  });

  it('says what was refused and from where, and leaves the order as it was', () => {
    const { state } = run(['claimed', 'rejected']);
    const result = transition(state, { kind: 'accepted' });
    expect(result).toMatchObject({ ok: false, error: 'InvalidTransition', from: 'REJECTED', input: 'accepted' });
  });

  it('averages over fills not busted and follows corrections', () => {
    const result = run(['claimed', 'e1:1000@100', 'e2:9000@110'], order('10000'));
    expect(avgPrice(result.state)).toBe(u('109'));
    expect(avgPrice(run(['bust e1', 'e2>c1:9000@100'], result.state).state)).toBe(u('100'));
    expect(avgPrice(order())).toBe(0n);
  });
});

describe('what an order asks of the outside', () => {
  it('sends a cancel at once when the broker knows the order, once', () => {
    expect(
      run(['claimed', 'accepted', 'cancel', 'cancel']).effects.filter((e) => e.kind === 'send_cancel'),
    ).toHaveLength(1);
  });

  it.each(['accepted', 'e1:40@10', 'e1:100@10'])(
    'sends a remembered cancel when %s shows that the broker knows the order',
    (word) => {
      const asked = run(['claimed', 'cancel']);
      expect(asked.effects).toEqual([]);
      expect(asked.state).toMatchObject({ pending: 'SUBMIT', cancelRequested: true });
      const known = run([word], asked.state);
      expect(known.effects).toContainEqual({ kind: 'send_cancel' });
      expect(known.state).toMatchObject({ pending: 'CANCEL', cancelRequested: true });
    },
  );

  it('flags a late fill and opens a break, for each state that only the broker closes', () => {
    for (const close of ['cancelled', 'expired', 'rejected']) {
      const result = run(['claimed', close, 'e1:40@10']);
      expect(result.state.flags).toEqual(['LATE_FILL']);
      expect(result.effects).toContainEqual({ kind: 'open_break', cause: 'LATE_FILL' });
    }
  });

  it('flags no late fill for one that was busted before it came', () => {
    expect(run(['claimed', 'cancelled', 'bust e1', 'e1:40@10']).state.flags).toEqual([]);
  });

  it('flags an overfill, opens a break and reduces trading', () => {
    const result = run(['claimed', 'e1:60@10', 'e2:60@10']);
    expect(result.state.flags).toEqual(['OVERFILL']);
    expect(result.effects).toContainEqual({ kind: 'open_break', cause: 'OVERFILL' });
    expect(result.effects).toContainEqual({ kind: 'reduce_trading' });
    expect(run(['claimed', 'e1:100@10', 'e1>c1:101@10']).state.flags).toEqual(['OVERFILL']);
  });

  it.each<[string[]]>([
    [['e1:40@10', 'e1:41@10']],
    [['e1:40@10', 'e1:40@11']],
    [['e1:40@10', 'e1>c1:50@10', 'e1>c1:51@10']],
    [['e1:40@10', 'e1>c1:50@10', 'c1:40@10']],
    [['e1:40@10', 'e2:10@10', 'e1>e2:10@10']],
    [['e1>c1:50@10', 'e1>c1:51@10']],
  ])('records %j as a conflict and ignores it', (steps) => {
    const result = run(['claimed', ...steps]);
    expect(result.state.flags).toEqual(['EXECUTION_CONFLICT']);
    expect(result.state.cumQty).toBe(run(['claimed', ...steps.slice(0, -1)]).state.cumQty);
  });

  it.each<[string[]]>([
    [['e1:40@10', 'e1:40@10']],
    [['e1:40@10', 'e1>c1:50@12', 'e1:40@10']],
    [['e1:40@10', 'e1>c1:50@12', 'c1:50@12']],
    [['e1:40@10', 'e1>c1:50@12', 'e1>c1:50@12']],
    [['e1>c1:50@12', 'e1>c1:50@12']],
    [['bust e1', 'bust e1']],
  ])('takes %j as one report that came twice', (steps) => {
    const result = run(['claimed', ...steps]);
    expect(result.state.flags).toEqual([]);
    expect(result.effects.at(-1)?.kind).toBe('fill_duplicate');
  });

  it('tells the ledger what a correction changed, and of a bust what was in force', () => {
    const result = run(['claimed', 'e1:40@10', 'e1>c1:50@12', 'bust e1']);
    expect(result.effects).toContainEqual({
      kind: 'fill_corrected',
      executionId: 'c1',
      refExecutionId: 'e1',
      fromQty: u('40'),
      fromPrice: u('10'),
      qty: u('50'),
      price: u('12'),
    });
    expect(result.effects).toContainEqual({ kind: 'fill_busted', executionId: 'e1', qty: u('50'), price: u('12') });
  });

  it("lets the later correction stand, by the broker's time and then by id, whichever came last", () => {
    const correct = (executionId: string, price: string, atMs?: number): OrderInput => ({
      kind: 'correct',
      refExecutionId: 'e1',
      executionId,
      qty: u('40'),
      price: u(price),
      ...(atMs === undefined ? {} : { atMs }),
    });
    const filled = run(['claimed', 'e1:40@10']).state;
    const price = (...inputs: OrderInput[]): bigint => {
      let state = filled;
      for (const each of inputs) {
        const result = transition(state, each);
        if (result.ok) state = result.state;
      }
      return avgPrice(state);
    };
    expect(price(correct('c10', '12'), correct('c9', '11'))).toBe(u('12'));
    expect(price(correct('a', '12', 20), correct('b', '11', 10))).toBe(u('12'));
    expect(price(correct('ca', '12'), correct('cab', '11'))).toBe(u('11'));
    expect(price(correct('cb', '12'), correct('ca', '11'))).toBe(u('12'));
  });

  it('is uncertain only until the broker is heard of', () => {
    const doubt = run(['claimed', 'submit_uncertain']).state;
    expect(doubt.flags).toEqual(['SUBMIT_UNCERTAIN']);
    for (const word of ['accepted', 'rejected', 'cancelled', 'expired', 'e1:40@10', 'submit_absent']) {
      expect(run([word], doubt).state.flags).toEqual([]);
    }
  });

  it("keeps the broker's id from the first acknowledgement, late or not", () => {
    expect(run(['claimed', 'e1:100@10', 'accepted']).state.externalOrderId).toBe('x1');
    const known = transition(run(['claimed', 'accepted']).state, { kind: 'accepted', externalOrderId: 'x2' });
    expect(known.ok && known.state.externalOrderId).toBe('x1');
  });

  it('refuses an execution without a quantity', () => {
    expect(run(['claimed', 'e1:0@10']).refused).toEqual(['e1:0@10']);
    const negative = transition(order(), {
      kind: 'correct',
      executionId: 'c',
      refExecutionId: 'e',
      qty: -1n,
      price: 1n,
    });
    expect(negative.ok).toBe(false);
  });

  it('names every change of status with both ends', () => {
    const changes = run(['claimed', 'accepted', 'e1:40@10', 'cancelled']).effects.filter(
      (e) => e.kind === 'status_changed',
    );
    const path: [OrderStatus, OrderStatus][] = [
      ['NEW', 'ACCEPTED'],
      ['ACCEPTED', 'PARTIALLY_FILLED'],
      ['PARTIALLY_FILLED', 'CANCELLED'],
    ];
    expect(changes).toEqual(path.map(([from, to]) => ({ kind: 'status_changed', from, to })));
  });
});

describe('a new order', () => {
  const base = { id: 'o', symbol: 'SPY', side: 'SELL', qty: 1n, orderType: 'MARKET' } as const;
  it.each([
    [{ ...base, qty: 0n }, 'qty'],
    [{ ...base, orderType: 'LIMIT' as const }, 'limit_price'],
    [{ ...base, orderType: 'STOP' as const }, 'stop_price'],
    [{ ...base, limitPrice: 1n }, 'limit_price'],
    [{ ...base, orderType: 'STOP' as const, stopPrice: 0n }, 'stop_price'],
    [{ ...base, orderType: 'STOP_LIMIT' as const, limitPrice: 1n }, 'stop_price'],
    [{ ...base, orderType: 'STOP_LIMIT' as const, stopPrice: 1n }, 'limit_price'],
    [{ ...base, orderType: 'TRAILING_STOP' as const }, 'trail'],
    [{ ...base, trail: { amount: 1n } }, 'trail'],
  ])('%# is refused for its %s', (terms, field) => {
    expect(orderProblem(terms)).toContain(field);
    expect(() => newOrder(terms)).toThrow(field);
  });

  it("is DAY unless it says otherwise, and adopted ones are the broker's", () => {
    expect(newOrder(base)).toMatchObject({ status: 'NEW', timeInForce: 'DAY', pending: 'NONE', claimed: false });
    const adopted = adoptOrder(base, 'x9');
    expect(adopted).toMatchObject({ status: 'ACCEPTED', externalOrderId: 'x9', flags: ['EXTERNAL'] });
    expect(run(['cancel'], adopted).effects).toContainEqual({ kind: 'send_cancel' });
  });
});
