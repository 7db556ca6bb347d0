import type { PlacementAnswer } from '@/server/application/commands';
import {
  type GateSnapshot,
  LockWaitError,
  type PlacementRows,
  type PlacementSession,
  type PlacementStore,
  type StoredAnswer,
} from '@/server/application/ports/placement-store';
import type { OrderRequest } from '@/server/contracts/order';
import type { Actor } from '@/server/kernel/actor';
import { canonicalJson } from '@/server/kernel/canonical-json';
import { KEY_IN_FLIGHT, KEY_REUSED, SIGNAL_NOT_YOURS, UNAVAILABLE } from './answers';
import { belongsToAnother, type DecidingTools, decidePlacement, type PlacementRequest } from './decide-placement';
import { BatchReservations } from './gate-input';

/** Placements decided and committed by one pair of statements. */
const MAX_BATCH = 32;
/** Optimistic rounds before the account's lock is taken for the whole of reading, judging and committing. */
const OPTIMISTIC_ROUNDS = 3;

interface Waiting extends PlacementRequest {
  readonly resolve: (answer: PlacementAnswer) => void;
  readonly reject: (error: unknown) => void;
  /** Later requests with the same key and payload: they get the same answer as a replay. */
  readonly followers: Waiting[];
}

type Answered = Map<Waiting, PlacementAnswer>;

const keyOf = (principalId: string, key: string) => `${principalId} ${key}`;

function replay(stored: StoredAnswer, requestHash: string): PlacementAnswer {
  if (stored.requestHash !== requestHash) return { statusCode: 409, body: KEY_REUSED, replayed: false };
  return { statusCode: stored.statusCode, body: stored.body, replayed: true };
}

/** Judges what is not answered yet and commits it; null when what it was judged on has changed meanwhile. */
async function round(
  session: PlacementSession,
  batch: readonly Waiting[],
  tools: DecidingTools,
): Promise<Answered | null> {
  const snapshot = await session.read(
    batch.map(({ actor, key, request }) => ({
      principalId: actor.principalId,
      key,
      symbol: request.symbol,
      signalId: request.signal_id,
    })),
  );
  const answered: Answered = new Map();
  const reservations = new BatchReservations();
  const judged: Waiting[] = [];
  const rows: PlacementRows[] = [];
  for (const waiting of batch) {
    const stored = snapshot.answers.get(keyOf(waiting.actor.principalId, waiting.key));
    if (stored !== undefined) {
      answered.set(waiting, replay(stored, waiting.requestHash));
      continue;
    }
    if (belongsToAnother(snapshot.signals.get(waiting.request.signal_id), waiting.actor)) {
      answered.set(waiting, { statusCode: 409, body: SIGNAL_NOT_YOURS, replayed: false });
      continue;
    }
    judged.push(waiting);
    rows.push(decidePlacement(snapshot, reservations, waiting, tools));
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
    const earlier = result.replayed.get(index);
    const row = rows[index];
    if (earlier !== undefined) answered.set(waiting, replay(earlier, waiting.requestHash));
    else if (row !== undefined)
      answered.set(waiting, { statusCode: row.key.statusCode, body: row.key.body, replayed: false });
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
  async place(actor: Actor, key: string, request: OrderRequest): Promise<PlacementAnswer> {
    const requestHash = this.tools.sha256(canonicalJson(request));
    const first = this.open.get(keyOf(actor.principalId, key));
    if (first !== undefined && first.requestHash !== requestHash)
      return { statusCode: 409, body: KEY_REUSED, replayed: false };
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { actor, key, request, requestHash, resolve, reject, followers: [] };
      if (first !== undefined) {
        first.followers.push(waiting);
        return;
      }
      this.open.set(keyOf(actor.principalId, key), waiting);
      this.queue.push(waiting);
      void this.drain();
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
      for (const waiting of batch) this.settle(waiting, answered.get(waiting));
    } catch (error) {
      // Nothing of the batch was stored: a lock was not had, or the database is away.
      const inFlight = error instanceof LockWaitError;
      const answer = inFlight
        ? { statusCode: 409, body: KEY_IN_FLIGHT, replayed: false }
        : { statusCode: 503, body: UNAVAILABLE, replayed: false };
      for (const waiting of batch) this.settle(waiting, answer);
      if (!inFlight) this.onFault(error);
    }
  }

  private settle(waiting: Waiting, answer: PlacementAnswer | undefined): void {
    this.open.delete(keyOf(waiting.actor.principalId, waiting.key));
    const given = answer ?? { statusCode: 503, body: UNAVAILABLE, replayed: false };
    const stored = given.statusCode === 201 || given.statusCode === 202 || given.statusCode === 422;
    waiting.resolve(given);
    for (const follower of waiting.followers) follower.resolve({ ...given, replayed: stored });
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
