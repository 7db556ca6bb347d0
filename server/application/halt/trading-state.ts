import type { Commands, TradingStateView } from '@/server/application/commands';
import type { TradingStore } from '@/server/application/ports/trading-store';
import type { Actor } from '@/server/kernel/actor';
import { failpoint } from '@/server/kernel/failpoint';
import { type Outcome, refuse } from '@/server/kernel/outcome';

/** Long enough for a send's 2 s timeout and for ending a holder past 3 s. */
const ACKNOWLEDGE_WAIT_MS = 5_000;
/** A release needs a reconciliation round no older than this. */
const CLEAN_RECONCILIATION_MS = 15_000;

export interface TradingDependencies {
  readonly store: TradingStore;
  readonly newId: () => string;
  /** Told of what must be looked at but must not stop a halt. */
  readonly onFault: (what: string, error: unknown) => void;
}

type TradingCommands = Pick<Commands, 'halt' | 'reduce' | 'release' | 'tradingState'>;

const describe = (actor: Actor) => actor.name;

/** Halt, reduce and release. Halting waits for nobody before it is committed. */
export function createTradingCommands({ store, newId, onFault }: TradingDependencies): TradingCommands {
  async function halt(
    actor: Actor,
    reason: string,
    waitMs = ACKNOWLEDGE_WAIT_MS,
  ): Promise<Outcome<{ view: TradingStateView }>> {
    const haltId = await store.requestHalt(newId(), describe(actor), reason);
    failpoint('halt-requested');
    // Committed. Neither a full audit queue nor a slow lock may now undo or delay it: the worker finishes both.
    await store.auditHalt(haltId).catch((error: unknown) => onFault('audit of the halt', error));
    failpoint('halt-audited');
    const waited = await store.acknowledgeHalt(haltId, waitMs).catch((error: unknown) => {
      onFault('acknowledgement of the halt', error);
      return { acknowledged: false, endedHolders: 0 };
    });
    failpoint('halt-acknowledged');
    if (waited.endedHolders > 0)
      onFault(`ended ${waited.endedHolders} connection(s) that held the send lock`, undefined);
    return { ok: true, view: await store.view() };
  }

  async function reduce(actor: Actor, reason: string): Promise<Outcome<{ view: TradingStateView }>> {
    await store.reduce(describe(actor), reason, actor.correlationId);
    // Committed: what fails here is repeated by the worker's next round.
    await store.cancelOpening(actor).catch((error: unknown) => onFault('cancel of opening orders', error));
    return { ok: true, view: await store.view() };
  }

  async function release(actor: Actor, reason: string): Promise<Outcome<{ view: TradingStateView }>> {
    if (reason.trim() === '') return refuse('INVALID', 'A release needs a reason.');
    const result = await store.release(describe(actor), reason, actor.correlationId, CLEAN_RECONCILIATION_MS);
    if (!result.released) {
      return refuse('NOT_CLEAN', `Not released: ${result.obstacles.join('; ')}.`);
    }
    return { ok: true, view: await store.view() };
  }

  return { halt, reduce, release, tradingState: () => store.view() };
}
