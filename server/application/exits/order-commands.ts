import type { Commands } from '@/server/application/commands';
import type { OrderStore } from '@/server/application/ports/order-store';
import type { Actor } from '@/server/kernel/actor';
import { type Outcome, type Refusal, refuse } from '@/server/kernel/outcome';
import { Slots } from '@/server/kernel/semaphore';

type OrderCommands = Pick<Commands, 'cancelOrder' | 'reject' | 'closePosition' | 'flattenAll'>;

const needsReason = (reason: string, what: string): Refusal | null =>
  reason.trim() === '' ? refuse('INVALID', `${what} needs a reason.`) : null;

/** Closes in progress at once, and cancel requests in progress at once: few enough to leave connections for halts. */
const MAX_CONCURRENT_CLOSES = 4;
const MAX_CONCURRENT_CANCELS = 4;

/** Attempts every item although another one fails. Results are in the order of the items. @throws the first failure, at the end */
async function attemptAll<T, R>(items: readonly T[], attempt: (item: T) => Promise<R>): Promise<R[]> {
  const results = await Promise.allSettled(items.map(attempt));
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

/** Cancels, rejections and closes: acts that only reduce what may happen, so no gate stands before them. */
export function createOrderCommands(store: OrderStore, newId: () => string): OrderCommands {
  const closes = new Slots(MAX_CONCURRENT_CLOSES);
  const requests = new Slots(MAX_CONCURRENT_CANCELS);

  async function cancelOrder(actor: Actor, orderId: string, reason: string): Promise<Outcome<{ status: string }>> {
    const asked = await store.requestCancel(orderId, actor, reason);
    if (asked === null) return refuse('NOT_FOUND', 'There is no such order.');
    if (!asked.asked) return refuse('NOT_CANCELLABLE', `The order is ${asked.status} already.`);
    return { ok: true, status: asked.status };
  }

  async function reject(actor: Actor, approvalId: string, reason: string): Promise<Outcome<{ status: 'REJECTED' }>> {
    const missing = needsReason(reason, 'A rejection');
    if (missing) return missing;
    const result = await store.rejectApproval(approvalId, actor, reason.trim());
    if (result === 'DONE') return { ok: true, status: 'REJECTED' };
    if (result === 'NOT_FOUND') return refuse('NOT_FOUND', 'There is no such approval.');
    if (result === 'EXPIRED') return refuse('EXPIRED', 'The approval has expired; nothing was sent.');
    return refuse('ALREADY_DECIDED', `The approval is ${result} already.`);
  }

  /**
   * The close is placed first: from then on the gate lets no other sell of what is held now in. The worker sends it once the
   * working sells, whose cancel is asked for here, have ended.
   */
  async function close(actor: Actor, symbol: string, reason: string): Promise<string | null> {
    const closing = await store.flatten(symbol, newId(), actor, reason);
    const live = await store.liveOrders(symbol);
    await attemptAll(live, (id) => requests.use(() => store.requestCancel(id, actor, `closing ${symbol}: ${reason}`)));
    return closing;
  }

  async function closePosition(actor: Actor, symbol: string, reason: string): Promise<Outcome<{ orderId: string }>> {
    const missing = needsReason(reason, 'Closing a position');
    if (missing) return missing;
    const orderId = await close(actor, symbol, reason.trim());
    if (orderId === null) return refuse('CONFLICT', `Nothing of ${symbol} is held, or it is being closed already.`);
    return { ok: true, orderId };
  }

  async function flattenAll(actor: Actor, reason: string): Promise<Outcome<{ orderIds: readonly string[] }>> {
    const missing = needsReason(reason, 'Flattening');
    if (missing) return missing;
    const symbols = await store.heldSymbols();
    const placed = await attemptAll(symbols, (symbol) => closes.use(() => close(actor, symbol, reason.trim())));
    return { ok: true, orderIds: placed.filter((orderId) => orderId !== null) };
  }

  return { cancelOrder, reject, closePosition, flattenAll };
}
