import type { SignalTasks } from '@/server/application/ports/signal-tasks';
import type { CreateSignal } from '@/server/contracts/signals';
import { isStrategySignalId } from '@/server/domain/strategy';
import type { Actor } from '@/server/kernel/actor';
import { canonicalJson } from '@/server/kernel/canonical-json';
import { type Outcome, type Refusal, refuse } from '@/server/kernel/outcome';
import { RESERVED_SIGNAL_ID } from './reserved-id';

export type SubmitSignal = (actor: Actor, request: CreateSignal) => Promise<Outcome<{ signalId: string }>>;

/** Candidates of one client on their way: more would keep those of strategies waiting. Those sent at once may pass it by a few. */
const MAX_QUEUED = 50;

const TOO_MANY: Refusal = {
  ok: false,
  code: 'CONFLICT',
  message: `${MAX_QUEUED} candidates of yours are on their way already. Hand in more when some of them are done.`,
};

interface Tools {
  readonly newId: () => string;
  readonly sha256: (text: string) => string;
}

/**
 * `POST /v1/signals`: takes a candidate from outside onto the way that a strategy's goes. The same body under the same id is
 * the same candidate; another one, or another client's, is a CONFLICT.
 */
export function createSubmitSignal(
  tasks: Pick<SignalTasks, 'propose' | 'queuedFrom' | 'requestHash' | 'source'>,
  { newId, sha256 }: Tools,
): SubmitSignal {
  return async (actor, request) => {
    const id = request.signal_id ?? newId();
    if (isStrategySignalId(id) && (await tasks.source(id)) === null) return RESERVED_SIGNAL_ID;
    const requestHash = sha256(canonicalJson({ ...request, signal_id: id, principal: actor.principalId }));
    if ((await tasks.queuedFrom(actor.principalId)) >= MAX_QUEUED)
      return (await tasks.requestHash(id)) === requestHash ? { ok: true, signalId: id } : TOO_MANY;
    const task = await tasks.propose(
      {
        id,
        source: 'REST',
        strategy: actor.name,
        modelVersion: request.model_version,
        symbol: request.symbol,
        action: request.candidate_action,
        confidence: request.confidence,
        sizePct: request.size_pct,
        stopDistancePct: request.stop_distance_pct ?? null,
        principalId: actor.principalId,
        features: null,
        atMs: null,
        ttlMs: request.ttl_seconds * 1000,
        requestHash,
      },
      null,
      true,
    );
    if (task !== null || (await tasks.requestHash(id)) === requestHash) return { ok: true, signalId: id };
    return refuse('CONFLICT', 'A signal of that id is there already, and it is another one.');
  };
}
