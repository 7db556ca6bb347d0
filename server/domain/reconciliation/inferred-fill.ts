import { divideHalfAway, formatUnits, parseUnits, type Units } from '@/server/domain/money/decimal';
import type { Fill, OrderInput, OrderState } from '@/server/domain/order/types';
import type { BrokerFill, BrokerOrderView } from './types';

/** Marks a fill that was concluded from an order's total because nobody has named it yet. */
const PREFIX = 'inferred:';

type FillInput = Extract<OrderInput, { kind: 'fill' }>;
type CorrectInput = Extract<OrderInput, { kind: 'correct' }>;

export const isInferred = (executionId: string): boolean => executionId.startsWith(PREFIX);

/** Concluded from a total, and no real execution has taken its place yet. */
export function isStandIn(fill: Fill): boolean {
  return isInferred(fill.executionId) && !fill.busted && fill.corrections.length === 0;
}

const idOf = (state: OrderState, from: Units, to: Units) =>
  `${PREFIX}${state.id}:${formatUnits(from)}-${formatUnits(to)}`;

/** The broker's total that a stand-in was concluded from. */
function totalOf(state: OrderState, { executionId }: Fill): Units | null {
  const range = /^[\d.]+-([\d.]+)/.exec(executionId.slice(`${PREFIX}${state.id}:`.length));
  return range?.[1] === undefined ? null : parseUnits(range[1]);
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

/**
 * The stand-in that a real execution belongs to: when one was last concluded from a total, that total counted it, and as it
 * was not known then, it is among what the stand-ins hold. An execution is counted whole or not at all: a stand-in of its
 * size is best, else one that holds it. Null for an execution that came after.
 */
function standInFor(state: OrderState, { qty, cumQty }: BrokerFill): Fill | null {
  const totals = state.fills.filter(({ executionId }) => isInferred(executionId)).map((each) => totalOf(state, each));
  const counted = cumQty === null || totals.some((total) => total === null || cumQty <= total);
  if (!counted) return null;
  const standIns = state.fills.filter(isStandIn);
  const bySize = standIns.sort((a, b) => (a.qty < b.qty ? -1 : a.qty > b.qty ? 1 : 0));
  return bySize.find((each) => each.qty >= qty) ?? bySize.at(-1) ?? null;
}

/** What a stand-in holds beyond the real execution that takes its place: a stand-in again, worth the rest. */
function restOf(standIn: Fill, { executionId, qty, price, atMs }: BrokerFill): readonly FillInput[] {
  const rest = standIn.qty - qty;
  if (rest <= 0n) return [];
  const worth = divideHalfAway(standIn.qty * standIn.price - qty * price, rest);
  const restPrice = worth > 0n ? worth : standIn.price;
  return [{ kind: 'fill', executionId: `${standIn.executionId}:${executionId}`, qty: rest, price: restPrice, atMs }];
}

/** A real execution: in place of one that was inferred where it was counted in one, else booked as it is. */
export function bookReal(state: OrderState, fill: BrokerFill): readonly (FillInput | CorrectInput)[] {
  const { executionId, qty, price, atMs } = fill;
  const standIn = standInFor(state, fill);
  if (standIn === null) return [{ kind: 'fill', executionId, qty, price, atMs }];
  const real = { kind: 'correct', executionId, refExecutionId: standIn.executionId, qty, price, atMs } as const;
  return [real, ...restOf(standIn, fill)];
}
