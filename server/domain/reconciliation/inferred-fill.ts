import type { Fill, OrderInput, OrderState } from '@/server/domain/order/types';
import { divideHalfAway, formatUnits, parseUnits, type Units } from '@/server/kernel/money';
import type { BrokerFill, BrokerOrderView } from './types';

/** Marks a fill that was concluded from an order's total because nobody has named it yet. */
const PREFIX = 'inferred:';

type FillInput = Extract<OrderInput, { kind: 'fill' }>;

export const isInferred = (executionId: string): boolean => executionId.startsWith(PREFIX);

/** Concluded from a total, and no real execution has taken its place yet. */
export function isStandIn(fill: Fill): boolean {
  return isInferred(fill.executionId) && !fill.busted && fill.corrections.length === 0;
}

const idOf = (state: OrderState, from: Units, to: Units) =>
  `${PREFIX}${state.id}:${formatUnits(from)}-${formatUnits(to)}`;

/** The totals between which a stand-in was concluded: what we had, and what the broker said. */
function rangeOf(state: OrderState, { executionId }: Fill): { from: Units; to: Units } | null {
  const [, from, to] = /^([\d.]+)-([\d.]+)/.exec(executionId.slice(`${PREFIX}${state.id}:`.length)) ?? [];
  return from === undefined || to === undefined ? null : { from: parseUnits(from), to: parseUnits(to) };
}

/**
 * A fill for what the broker's total says and no execution explains, at the price that makes the broker's average right.
 * Its id follows from the order and both totals: two rounds, or two processes, conclude the same one.
 * @returns `null` when nothing is missing or the average gives no price
 */
export function inferFill(state: OrderState, broker: BrokerOrderView): FillInput | null {
  const qty = broker.filledQty - state.cumQty;
  if (qty <= 0n || broker.filledAvgPrice === null) return null;
  const price = divideHalfAway(broker.filledQty * broker.filledAvgPrice - state.cumNotional, qty);
  if (price <= 0n) return null;
  const executionId = idOf(state, state.cumQty, broker.filledQty);
  return { kind: 'fill', executionId, qty, price, atMs: broker.updatedAtMs };
}

const sum = (fills: readonly Fill[]): Units => fills.reduce((total, { qty }) => total + qty, 0n);

/**
 * The stand-ins that a real execution takes the place of. When one was last concluded from a total, that total counted every
 * execution up to it, and whatever of them was not known then is what the stand-ins hold together; which holds which is only
 * recognised by the totals they lie between, and by their sizes. None for an execution that came after.
 */
function standInsFor(state: OrderState, { qty, cumQty }: BrokerFill): readonly Fill[] {
  const inferred = state.fills.filter(({ executionId }) => isInferred(executionId));
  const counted = inferred.some((each) => cumQty === null || cumQty <= (rangeOf(state, each)?.to ?? cumQty));
  if (!counted) return [];
  const bySize = inferred.filter(isStandIn).sort((a, b) => (a.qty < b.qty ? -1 : a.qty > b.qty ? 1 : 0));
  const large = bySize.filter((each) => each.qty >= qty);
  const around = large.find((each) => {
    const range = rangeOf(state, each);
    return cumQty !== null && range !== null && range.from <= cumQty - qty && cumQty <= range.to;
  });
  const single = around ?? large[0];
  if (single !== undefined) return [single];
  const several: Fill[] = [];
  for (const each of bySize.reverse()) if (sum(several) < qty) several.push(each);
  return several;
}

/** What stand-ins hold beyond the real execution that takes their place: a stand-in again, worth the rest. */
function restOf(standIns: readonly Fill[], name: string, { executionId, qty, price, atMs }: BrokerFill): OrderInput[] {
  const rest = sum(standIns) - qty;
  if (rest <= 0n) return [];
  const worth = standIns.reduce((total, each) => total + each.qty * each.price, 0n) - qty * price;
  const each = divideHalfAway(worth, rest);
  return [{ kind: 'fill', executionId: `${name}:${executionId}`, qty: rest, price: each > 0n ? each : price, atMs }];
}

/** A real execution: in place of what was inferred where it was counted in that, else booked as it is. */
export function bookReal(state: OrderState, fill: BrokerFill): readonly OrderInput[] {
  const { executionId, qty, price, atMs } = fill;
  const standIns = standInsFor(state, fill);
  const [first, ...others] = standIns;
  if (first === undefined) return [{ kind: 'fill', executionId, qty, price, atMs }];
  return [
    ...others.map((each): OrderInput => ({ kind: 'bust', refExecutionId: each.executionId })),
    { kind: 'correct', executionId, refExecutionId: first.executionId, qty, price, atMs },
    ...restOf(standIns, first.executionId, fill),
  ];
}
