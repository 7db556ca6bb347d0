import { isFill } from '@/server/application/booking/statement';
import { newsOf } from '@/server/application/booking/sync-order';
import type { ExecutionContext } from '@/server/application/execution-context';
import type { OpenBreak, ReconciliationStore } from '@/server/application/ports/reconciliation-store';
import { adoptOrder } from '@/server/domain/order/new-order';
import {
  type Judgement,
  type OrderAction,
  type OrderPlan,
  reconcileOrder,
  termsSince,
} from '@/server/domain/reconciliation';

export type OrderBooks = Pick<ReconciliationStore, 'openBreak' | 'resolveBreak' | 'cancelLate'>;

/** What an actor works with through one round. */
export interface Acting {
  readonly context: ExecutionContext;
  readonly books: OrderBooks;
  /** Open breaks as the round began. */
  readonly breaks: readonly OpenBreak[];
  readonly judgement: Judgement;
  /** Market time of the opening balances, epoch ms: what traded before is in them. */
  readonly openedAtMs: number;
}

type Adopt = Extract<OrderAction, { kind: 'adopt' }>;

const booksNews = ({ kind }: OrderAction) => kind === 'transition' || kind === 'attach';

const ADOPTED = { kind: 'EXTERNAL', changedMsAgo: Number.POSITIVE_INFINITY } as const;

/** Books what the plan's two sides say, judged again under the order's lock: one transaction. */
async function book({ context, judgement }: Acting, { ours, side }: OrderPlan, judged = judgement): Promise<void> {
  const { store, persist, fence } = context;
  const order = side.order.value;
  const externalOrderId = order?.externalOrderId ?? ours?.state.externalOrderId ?? null;
  const ref = ours === null ? { externalOrderId: externalOrderId ?? '' } : { orderId: ours.state.id };
  const request = {
    source: 'RECONCILIATION' as const,
    externalOrderId,
    brokerAtMs: order?.updatedAtMs ?? side.fills.at(-1)?.atMs ?? null,
    inputs: newsOf(side, judged, ours ?? ADOPTED),
  };
  await persist(() => store.book(fence, ref, request));
}

/** Activities are stamped by another clock of the broker's than orders. */
const ACTIVITY_OVERLAP_MS = 60_000;

/** An order that may have traded before our books knew it: with what it had filled then left out. @throws BrokerError */
async function termsOfBooks({ context, openedAtMs }: Acting, order: Adopt['order'], terms: Adopt['terms']) {
  const { externalOrderId, filledQty, submittedAtMs, replaces = null } = order;
  if (filledQty === 0n || (submittedAtMs > openedAtMs && replaces === null)) return terms;
  const fromMs = Math.max(openedAtMs, submittedAtMs - ACTIVITY_OVERLAP_MS);
  const fills = (await context.broker.activitiesAfter(fromMs)).filter(isFill);
  const own = fills.filter((fill) => fill.externalOrderId === externalOrderId && fill.atMs > openedAtMs);
  return termsSince(terms, order, own);
}

/** An order that nobody here placed becomes an EXTERNAL order with a break, and then follows the broker like any other. */
async function adopt(acting: Acting, { order, terms }: Adopt, plan: OrderPlan): Promise<void> {
  const { store, persist, fence, clock, log } = acting.context;
  const { externalOrderId, symbol, submittedAtMs } = order;
  const adopted = adoptOrder({ id: clock.newId(), ...(await termsOfBooks(acting, order, terms)) }, externalOrderId);
  const reference = order.limitPrice ?? order.stopPrice ?? order.filledAvgPrice ?? 0n;
  await persist(() => store.adopt(fence, adopted, reference, submittedAtMs));
  log.warn({ externalOrderId, symbol }, 'an order that nobody here placed was found at the broker');
  // Its executions have had no time to be listed yet: nothing is inferred.
  const judgement = { settleMs: 0, infer: false, closedAtMs: null };
  const ours = { state: adopted, kind: 'EXTERNAL', changedMsAgo: 0, breaks: [] } as const;
  if (reconcileOrder(ours, plan.side, judgement).some(booksNews)) await book(acting, plan, judgement);
}

type OrderBreak = Omit<Extract<OrderAction, { kind: 'order_break' }>, 'kind'>;

/** Opens a break of an order. */
export async function openBreak({ context, books }: Acting, action: OrderBreak) {
  const { cause, symbol, orderId, ours, theirs } = action;
  const opened = await context.persist(() => books.openBreak(context.fence, { symbol, orderId, cause, ours, theirs }));
  if (opened) context.log.error({ symbol, orderId, cause, ours, theirs }, 'an order differs from the broker');
}

async function act(acting: Acting, action: OrderAction, plan: OrderPlan): Promise<void> {
  const { context, books, breaks } = acting;
  switch (action.kind) {
    case 'adopt':
      return adopt(acting, action, plan);
    case 'order_break':
      return openBreak(acting, action);
    case 'order_agreed':
      for (const { id, cause, orderId } of breaks) {
        if (cause !== action.cause || orderId !== action.orderId) continue;
        await context.persist(() =>
          books.resolveBreak(context.fence, id, 'the broker and we agree on what was filled'),
        );
      }
      return;
    case 'cancel_at_broker':
      context.log.error({ orderId: action.orderId }, 'the broker works an order that is closed here: cancelling it');
      await context.broker.cancel(action.externalOrderId);
      return;
    case 'cancel_late':
      context.log.warn({ orderId: action.orderId }, 'the broker took the order after the close: cancelling it');
      return context.persist(() => books.cancelLate(context.fence, action.orderId));
    case 'attach':
    case 'transition':
    case 'look_up':
    case 'leave':
      return;
  }
}

/** Does what a plan says of one order. Look-ups and what is left are the caller's. */
export async function actOnOrder(acting: Acting, plan: OrderPlan): Promise<void> {
  if (plan.ours !== null && plan.actions.some(booksNews)) await book(acting, plan);
  for (const action of plan.actions) await act(acting, action, plan);
}
