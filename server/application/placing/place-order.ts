import {
  type GateSnapshot,
  LockWaitError,
  type PlacementRows,
  type PlacementSession,
  type PlacementStore,
  type StoredPlacement,
} from '@/server/application/ports/placement-store';
import type { OrderRequest } from '@/server/contracts/order';
import type { Actor } from '@/server/kernel/actor';
import { canonicalJson } from '@/server/kernel/canonical-json';
import { formatUnits, parseUnits } from '@/server/kernel/money';
import type { Side } from '@/server/kernel/vocabulary';
import { belongsToAnother, type DecidingTools, decidePlacement, type PlacementRequest } from './decide-placement';
import { BatchReservations, type OrderToSize } from './gate-input';
import { type Placement, type SignalPlacement, signalKey } from './placement';

/** Placements decided and committed by one pair of statements. */
const MAX_BATCH = 32;
/** Optimistic rounds before the account's lock is taken for the whole of reading, judging and committing. */
const OPTIMISTIC_ROUNDS = 3;

interface Waiting extends PlacementRequest {
  /** Hash of the payload as it was spelt: what earlier versions stored. */
  readonly speltHash: string;
  readonly resolve: (placement: SignalPlacement) => void;
  readonly reject: (error: unknown) => void;
  /** Later requests with the same key and payload: they get the same answer as a replay. */
  readonly followers: Waiting[];
}

type Answered = Map<Waiting, SignalPlacement>;

const keyOf = (principalId: string, key: string) => `${principalId} ${key}`;

const shortest = (decimal: string) => formatUnits(parseUnits(decimal));

const canonicalStop = ({ stop_price, distance_pct }: NonNullable<OrderToSize['stop_loss']>) => ({
  ...(stop_price === undefined ? {} : { stop_price: shortest(stop_price) }),
  ...(distance_pct === undefined ? {} : { distance_pct: shortest(distance_pct) }),
});

/** The payload with its decimals in their shortest form, so that "1.00" and "1" are equal (O-12). */
function canonical({ qty, limit_price, stop_price, stop_loss, ...order }: OrderToSize): OrderToSize {
  return {
    ...order,
    qty: qty === null ? null : shortest(qty),
    ...(limit_price === undefined ? {} : { limit_price: shortest(limit_price) }),
    ...(stop_price === undefined ? {} : { stop_price: shortest(stop_price) }),
    ...(stop_loss === undefined ? {} : { stop_loss: canonicalStop(stop_loss) }),
  };
}

/** A signal that the gate sizes has no payload to compare: its key is the signal's own. */
function replay(stored: StoredPlacement, { order, requestHash, speltHash }: Waiting): Placement {
  const same = stored.requestHash === requestHash || stored.requestHash === speltHash;
  if (order.qty !== null && !same) return { kind: 'KEY_REUSED' };
  return { ...stored.outcome, reply: stored.reply, replayed: true };
}

/** Judges what is not answered yet and commits it; null when what it was judged on has changed meanwhile. */
async function round(
  session: PlacementSession,
  batch: readonly Waiting[],
  tools: DecidingTools,
): Promise<Answered | null> {
  const snapshot = await session.read(
    batch.map(({ actor, key, order }) => ({
      principalId: actor.principalId,
      key,
      symbol: order.symbol,
      signalId: order.signal_id,
    })),
  );
  const answered: Answered = new Map();
  const reservations = new BatchReservations();
  const judged: Waiting[] = [];
  const rows: PlacementRows[] = [];
  for (const waiting of batch) {
    const stored = snapshot.answers.get(keyOf(waiting.actor.principalId, waiting.key));
    if (stored !== undefined) {
      answered.set(waiting, replay(stored, waiting));
      continue;
    }
    if (belongsToAnother(snapshot.signals.get(waiting.order.signal_id), waiting.actor)) {
      answered.set(waiting, { kind: 'FOREIGN_SIGNAL' });
      continue;
    }
    const decided = decidePlacement(snapshot, reservations, waiting, tools);
    if (decided === 'NO_SHARES') {
      answered.set(waiting, { kind: 'NO_SHARES' });
      continue;
    }
    judged.push(waiting);
    rows.push(decided);
  }
  if (rows.length === 0) return answered;
  return commit(session, snapshot, judged, rows, answered);
}

async function commit(
  session: PlacementSession,
  snapshot: GateSnapshot,
  judged: readonly Waiting[],
  rows: readonly PlacementRows[],
  answered: Answered,
): Promise<Answered | null> {
  const result = await session.commit(snapshot, new Date(snapshot.nowMs), rows);
  if (result.status === 'STALE') return null;
  for (const [index, waiting] of judged.entries()) {
    const stored = result.stored[index];
    if (stored === undefined) continue;
    const { outcome, reply, replayed } = stored;
    answered.set(waiting, replayed ? replay(stored, waiting) : { ...outcome, reply, replayed });
  }
  return answered;
}

/**
 * Places orders: one batch at a time a process, each batch one read and one commit. Two processes meet in the account's
 * version: the later one reads and judges again.
 */
export class OrderPlacer {
  private readonly queue: Waiting[] = [];
  private readonly open = new Map<string, Waiting>();
  private draining = false;

  constructor(
    private readonly store: PlacementStore,
    private readonly tools: DecidingTools,
    /** Told what is behind a 503. */
    private readonly onFault: (error: unknown) => void = () => undefined,
  ) {}

  /** Resolves once the decision is durable. Never rejects for what a client can cause. */
  async place(actor: Actor, key: string, request: OrderRequest): Promise<Placement> {
    const placement = await this.submit(actor, key, request);
    if (placement.kind === 'NO_SHARES') throw new Error('an order with a quantity was sized');
    return placement;
  }

  /**
   * Places a market order for a signal, for as many shares as the gate allows, under the signal's own key: repeated after a crash it
   * has no second effect and gives the same result.
   */
  placeSignal(
    actor: Actor,
    signal: { readonly signalId: string; readonly symbol: string; readonly action: Side },
  ): Promise<SignalPlacement> {
    const { signalId, symbol, action } = signal;
    const terms = { symbol, side: action, order_type: 'MARKET', time_in_force: 'DAY' } as const;
    return this.submit(actor, signalKey(signalId), { signal_id: signalId, qty: null, ...terms });
  }

  private submit(actor: Actor, key: string, order: OrderToSize): Promise<SignalPlacement> {
    const requestHash = this.tools.sha256(canonicalJson(canonical(order)));
    const speltHash = this.tools.sha256(canonicalJson(order));
    const first = this.open.get(keyOf(actor.principalId, key));
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { actor, key, order, requestHash, speltHash, resolve, reject, followers: [] };
      if (first === undefined) {
        this.open.set(keyOf(actor.principalId, key), waiting);
        this.queue.push(waiting);
        void this.drain();
      } else if (first.requestHash === requestHash) first.followers.push(waiting);
      else resolve({ kind: 'KEY_REUSED' });
    });
  }

  private async drain(): Promise<void> {
    if (this.draining) return;
    this.draining = true;
    // Let requests that arrive in the same turn share the first batch.
    await Promise.resolve();
    try {
      while (this.queue.length > 0) await this.process(this.queue.splice(0, MAX_BATCH));
    } finally {
      this.draining = false;
    }
  }

  private async process(batch: readonly Waiting[]): Promise<void> {
    try {
      const answered = await this.decide(batch);
      for (const waiting of batch) this.settle(waiting, answered.get(waiting) ?? { kind: 'UNAVAILABLE' });
    } catch (error) {
      // Nothing of the batch was stored: a lock was not had, or the database is away.
      const inFlight = error instanceof LockWaitError;
      for (const waiting of batch) this.settle(waiting, { kind: inFlight ? 'KEY_IN_FLIGHT' : 'UNAVAILABLE' });
      if (!inFlight) this.onFault(error);
    }
  }

  private settle(waiting: Waiting, placement: SignalPlacement): void {
    this.open.delete(keyOf(waiting.actor.principalId, waiting.key));
    waiting.resolve(placement);
    const repeated = 'reply' in placement ? { ...placement, replayed: true } : placement;
    for (const follower of waiting.followers) follower.resolve(repeated);
  }

  private async decide(batch: readonly Waiting[]): Promise<Answered> {
    for (let attempt = 0; attempt < OPTIMISTIC_ROUNDS; attempt += 1) {
      const answered = await round(this.store, batch, this.tools);
      if (answered !== null) return answered;
    }
    return this.store.exclusively(async (session) => {
      const answered = await round(session, batch, this.tools);
      if (answered === null) throw new Error('a decision went stale under the account lock');
      return answered;
    });
  }
}
