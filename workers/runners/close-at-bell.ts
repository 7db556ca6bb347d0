import { type BellLook, closeAtBell } from '@/server/application/books/close-at-bell';
import { BrokerError } from '@/server/application/ports/broker';
import { STAGES } from '@/server/domain/policy/stages';
import type { RolloutStage } from '@/server/domain/policy/types';
import { createPersist } from '../runtime/persist';
import type { Held, RoleContext } from '../runtime/role';

/** Between two looks while something is to be closed. */
const CLOSING_MS = 1_000;
/** Longest between two looks otherwise: the stage, or a broker's hours, may have changed. A simulator's time may jump. */
const IDLE_MS = { SIM: 1_000, PAPER: 15_000, LIVE: 15_000 } as const;
/** Something held this near to the close is for a person, market ms. */
const ALERT_BEFORE_CLOSE_MS = 2 * 60_000;
const ALERT = { kind: 'CLOSE_AT_BELL', subject: 'positions' } as const;

const isStage = (text: string | null): text is RolloutStage => text !== null && Object.hasOwn(STAGES, text);

class Bell {
  /** One may be open from a worker before this one. */
  private alertMayBeOpen = true;

  constructor(private readonly role: RoleContext) {}

  async tell(stage: RolloutStage, { dueInMs, left }: BellLook): Promise<void> {
    const { alerts } = this.role.parts;
    const flatBeforeMs = STAGES[stage].flatBeforeCloseMs ?? 0;
    const late = dueInMs !== null && dueInMs + flatBeforeMs <= ALERT_BEFORE_CLOSE_MS;
    if (left.length > 0 && late) {
      this.alertMayBeOpen = true;
      const message = `${left.join(', ')} still held shortly before the close: stage ${stage} keeps nothing overnight`;
      await alerts.open(ALERT.kind, ALERT.subject, message, { symbols: left });
    } else if (left.length === 0 && this.alertMayBeOpen && dueInMs !== null) {
      await alerts.resolve(ALERT.kind, ALERT.subject);
      this.alertMayBeOpen = false;
    }
  }
}

/** How long until the next look: half of what is left until the close is due, so that it is met with little asking. */
function restMs({ dueInMs, left }: BellLook, speed: number, idleMs: number): number {
  if (left.length > 0) return CLOSING_MS;
  if (dueInMs === null || dueInMs <= 0) return idleMs;
  return Math.min(idleMs, Math.max(50, dueInMs / speed));
}

/**
 * Stage M1 keeps nothing overnight: closes what the broker holds before every close, half days included, under the lease of
 * the books. Needs neither ingest nor the pipeline: with market data stopped it closes all the same.
 */
export async function closesAtBell(role: RoleContext, held: Held): Promise<void> {
  const { parts, log, venue } = role;
  const persist = createPersist(parts.clock, log, parts.isTransient, held.signal);
  const bell = new Bell(role);
  const work = {
    broker: parts.broker,
    bell: parts.bell,
    orders: parts.orders,
    fence: held.fence,
    newId: parts.clock.newId,
  };
  const idleMs = IDLE_MS[venue.environment];
  while (!held.signal.aborted) {
    let waitMs: number = idleMs;
    try {
      const stage = await persist(() => parts.worker.stage());
      if (isStage(stage) && STAGES[stage].flatBeforeCloseMs !== null) {
        const look = await closeAtBell(work, stage);
        await bell.tell(stage, look);
        waitMs = restMs(look, venue.speed, idleMs);
      }
    } catch (error) {
      if (!(error instanceof BrokerError) && !parts.isTransient(error)) throw error;
      log.warn({ err: error }, 'what is held could not be looked at before the close: it is tried again');
      waitMs = CLOSING_MS;
    }
    await parts.clock.sleep(waitMs, held.signal);
  }
}
