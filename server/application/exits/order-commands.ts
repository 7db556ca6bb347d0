import type { Commands } from '@/server/application/commands';
import type { ExitRequests } from '@/server/application/ports/exit-store';
import type { OrderStore } from '@/server/application/ports/order-store';
import type { Actor } from '@/server/kernel/actor';
import { type Outcome, type Refusal, refuse } from '@/server/kernel/outcome';
import { Slots } from '@/server/kernel/semaphore';

type OrderCommands = Pick<Commands, 'cancelOrder' | 'reject' | 'closePosition' | 'flattenAll' | 'withdrawExit'>;

const needsReason = (reason: string, what: string): Refusal | null =>
  reason.trim() === '' ? refuse('INVALID', `${what} needs a reason.`) : null;

/** Requests in progress at once: few enough to leave connections for halts. */
const MAX_CONCURRENT_REQUESTS = 4;

/** Attempts every item although another one fails. Results are in the order of the items. @throws the first failure, at the end */
async function attemptAll<T, R>(items: readonly T[], attempt: (item: T) => Promise<R>): Promise<R[]> {
  const results = await Promise.allSettled(items.map(attempt));
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

/** Cancels, rejections and closes: acts that only reduce what may happen, so no gate stands before them. */
export function createOrderCommands(
  store: Pick<OrderStore, 'requestCancel' | 'rejectApproval'>,
  exits: ExitRequests,
  newId: () => string,
): OrderCommands {
  const requests = new Slots(MAX_CONCURRENT_REQUESTS);

  async function cancelOrder(actor: Actor, orderId: string, reason: string): Promise<Outcome<{ status: string }>> {
    const asked = await store.requestCancel(orderId, actor, reason);
    if (asked === null) return refuse('NOT_FOUND', 'There is no such order.');
    if (asked.protects) {
      const message = 'This stop protects a position: close the position, and the stop ends with it.';
      return refuse('PROTECTIVE_STOP', message);
    }
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

  const exitOf = (actor: Actor, symbol: string, reason: string) =>
    exits.request(actor, { id: newId(), symbol, source: 'PERSON', qty: null, reason, stage: null, endsInMs: null });

  async function closePosition(actor: Actor, symbol: string, reason: string): Promise<Outcome<{ exitId: string }>> {
    const missing = needsReason(reason, 'Closing a position');
    if (missing) return missing;
    const held = await exits.heldSymbols();
    if (!held.includes(symbol)) return refuse('CONFLICT', `Nothing of ${symbol} is held.`);
    return { ok: true, exitId: await exitOf(actor, symbol, reason.trim()) };
  }

  async function flattenAll(actor: Actor, reason: string): Promise<Outcome<{ exitIds: readonly string[] }>> {
    const missing = needsReason(reason, 'Flattening');
    if (missing) return missing;
    const symbols = await exits.heldSymbols();
    const exitIds = await attemptAll(symbols, (symbol) => requests.use(() => exitOf(actor, symbol, reason.trim())));
    return { ok: true, exitIds };
  }

  async function withdrawExit(actor: Actor, exitId: string, reason: string): Promise<Outcome<{ status: 'WITHDRAWN' }>> {
    const missing = needsReason(reason, 'Withdrawing an exit');
    if (missing) return missing;
    const open = await exits.withdraw(actor, exitId, reason.trim());
    if (open === null) return refuse('CONFLICT', 'The exit has ended, or there is none.');
    await attemptAll(open, (id) => store.requestCancel(id, actor, `exit withdrawn: ${reason.trim()}`));
    return { ok: true, status: 'WITHDRAWN' };
  }

  return { cancelOrder, reject, closePosition, flattenAll, withdrawExit };
}
