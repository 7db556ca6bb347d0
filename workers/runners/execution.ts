import { bookUpdate } from '@/server/application/booking/book-update';
import type { ExecutionContext } from '@/server/application/execution-context';
import type { TradeUpdate } from '@/server/application/ports/broker';
import { BrokerError } from '@/server/application/ports/broker';
import { SupersededError } from '@/server/application/ports/lease';
import { reconcileOrders } from '@/server/application/reconciliation/reconcile-orders';
import { Executor } from '@/server/application/sending/executor';
import { Notifier } from '@/server/kernel/notifier';
import { sideBySide, underLease } from '../runtime/lease-role';
import type { Held, RoleContext } from '../runtime/role';
import { executionContext } from './execution-context';
import { runExits } from './exits';
import { runProtection } from './protection';

const POLL_MS = 1_000;
/** The statement may lag behind the stream by this much market time. */
const OVERLAP_MS = 10_000;
const GAP_FIRST_MS = 500;
const GAP_MAX_MS = 5_000;

/** Updates of one order are booked in the order they came; those of different orders side by side. */
class UpdateQueue {
  private readonly tails = new Map<string, Promise<void>>();

  add(key: string, work: () => Promise<void>): void {
    const before = this.tails.get(key) ?? Promise.resolve();
    const tail = before.then(work);
    this.tails.set(key, tail);
    tail.then(
      () => this.forget(key, tail),
      () => this.forget(key, tail),
    );
  }

  async idle(): Promise<void> {
    await Promise.allSettled([...this.tails.values()]);
  }

  private forget(key: string, tail: Promise<void>): void {
    if (this.tails.get(key) === tail) this.tails.delete(key);
  }
}

/** Asks REST for what the stream missed while it was down; again until nothing is missing, or the stream is down again. */
async function fillGap(role: RoleContext, context: ExecutionContext, signal: AbortSignal): Promise<void> {
  const { books, clock } = role.parts;
  for (let pauseMs = GAP_FIRST_MS; !signal.aborted; pauseMs = Math.min(pauseMs * 2, GAP_MAX_MS)) {
    const { activityCursorMs: cursorMs, openedAtMs } = await role.persist(() => books.account());
    if (cursorMs === null) return;
    try {
      await reconcileOrders(context, books, {
        settleMs: 0,
        cursorMs,
        overlapMs: OVERLAP_MS,
        openedAtMs: openedAtMs ?? 0,
        closedAtMs: null,
      });
      return;
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      role.log.warn({ cause: error.message, pauseMs }, 'the gap in the trade updates is not filled yet');
      await clock.sleep(pauseMs, signal);
    }
  }
}

function startStream(role: RoleContext, context: ExecutionContext, held: Held, queue: UpdateQueue) {
  const { log, status, parts } = role;
  const failed = (what: string) => (error: unknown) => {
    if (error instanceof SupersededError) held.abandon(error);
    else if (!held.signal.aborted) log.warn({ err: error }, `${what}: reconciliation will tell`);
  };
  const book = (update: TradeUpdate) => async () => {
    await bookUpdate(context, update).catch(failed('a trade update could not be booked'));
  };
  let gap = new AbortController();
  return parts.tradeStream.start({
    update: (update) => queue.add(update.order.clientOrderId, book(update)),
    connected() {
      status['tradeStream'] = 'connected';
      log.info({}, 'trade updates connected');
      gap = new AbortController();
      fillGap(role, context, AbortSignal.any([gap.signal, held.signal])).catch(
        failed('the gap in the trade updates was not filled'),
      );
    },
    disconnected(reason) {
      gap.abort();
      status['tradeStream'] = 'disconnected';
      log.warn({ reason }, 'trade updates disconnected');
    },
    unreadable: (reason) => log.error({ reason }, 'a trade update could not be read'),
  });
}

/** Sends, cancels and books. */
async function runSending(role: RoleContext, held: Held, context: ExecutionContext): Promise<void> {
  const executor = new Executor(context, held.abandon);
  const queue = new UpdateQueue();
  const stream = startStream(role, context, held, queue);
  const changed = new Notifier();
  const unsubscribe = role.onOutbox(changed);
  try {
    while (!held.signal.aborted) {
      await executor.pass();
      role.status['sending'] = executor.busy;
      await changed.wait(role.parts.clock, POLL_MS, held.signal);
    }
  } finally {
    unsubscribe();
    await stream.close();
    await executor.idle();
    await queue.idle();
  }
}

/** Sends, cancels, books, carries exits on and keeps stops working, side by side, under the execution lease. */
export function runExecution(role: RoleContext): Promise<void> {
  return underLease(role, 'execution', (held) => {
    const context = executionContext(role, held);
    return sideBySide(held, [
      runSending(role, held, context),
      runExits(role, held, context),
      runProtection(role, held, context),
    ]);
  });
}
