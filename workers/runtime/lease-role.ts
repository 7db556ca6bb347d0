import { SupersededError } from '@/server/application/ports/lease';
import { monotonicMs } from '@/server/kernel/clock';
import type { Held, RoleContext } from './role';

export const LEASE_MS = 6_000;
const RENEW_MS = 2_000;
const RETRY_MS = 1_000;

/** Renews until `stop`; a lease that could not be renewed for its whole length is lost. */
function keepRenewing(context: RoleContext, held: Held, name: string): () => void {
  const { parts, log } = context;
  let renewedMs = performance.now();
  let busy = false;
  const timer = setInterval(() => {
    if (performance.now() - renewedMs > LEASE_MS)
      held.abandon(new SupersededError(`the ${name} lease could not be renewed`));
    if (busy) return;
    busy = true;
    const startedMs = performance.now();
    parts.leases.renew(held.fence, LEASE_MS).then(
      (kept) => {
        busy = false;
        if (kept) renewedMs = startedMs;
        else held.abandon(new SupersededError(`the ${name} lease has a new holder`));
      },
      (error: unknown) => {
        busy = false;
        log.debug({ err: error, lease: name }, 'a lease was not renewed');
      },
    );
  }, RENEW_MS);
  return () => clearInterval(timer);
}

async function hold(context: RoleContext, name: string, act: (held: Held) => Promise<void>): Promise<void> {
  const { parts, holder, log, signal } = context;
  const fence = await parts.leases.acquire(name, holder, LEASE_MS);
  if (fence === null) return;
  const controller = new AbortController();
  const stop = () => controller.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const abandon = (reason: unknown) => {
    if (!controller.signal.aborted) log.warn({ err: reason, lease: name }, 'giving up a lease');
    controller.abort(reason);
  };
  const held: Held = { fence, signal: controller.signal, sinceMs: monotonicMs(parts.clock), abandon };
  const stopRenewing = keepRenewing(context, held, name);
  log.info({ lease: name, token: fence.token }, 'lease taken');
  try {
    await act(held);
  } finally {
    signal.removeEventListener('abort', stop);
    controller.abort(new Error('the role ended'));
    stopRenewing();
    await parts.leases.release(fence).catch(() => undefined);
  }
}

/** Does `act` while holding the named lease, again and again until the process stops. One holder among all workers. */
export async function underLease(
  context: RoleContext,
  name: string,
  act: (held: Held) => Promise<void>,
): Promise<void> {
  const { parts, log, signal } = context;
  while (!signal.aborted) {
    try {
      await hold(context, name, act);
    } catch (error) {
      if (!signal.aborted) log.error({ err: error, lease: name }, 'a role stopped and starts again');
    }
    await parts.clock.sleep(RETRY_MS, signal);
  }
}

/** Waits for all that one lease does; when one part fails the others stop, and the failure is thrown once they have. */
export async function sideBySide(held: Held, parts: readonly Promise<void>[]): Promise<void> {
  for (const part of parts) part.catch((error: unknown) => held.abandon(error));
  const failed = (await Promise.allSettled(parts)).find((each) => each.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
