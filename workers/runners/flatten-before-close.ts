import { FlattenAlarm } from '@/server/application/exits/flatten-alarm';
import { type FlattenCheck, flattenBeforeClose } from '@/server/application/exits/flatten-before-close';
import { BrokerError } from '@/server/application/ports/broker';
import { STAGES } from '@/server/domain/policy/stages';
import { monotonicMs } from '@/server/kernel/clock';
import type { RolloutStage } from '@/server/kernel/vocabulary';
import { createPersist } from '../runtime/persist';
import type { Held, RoleContext } from '../runtime/role';

/** Between two looks while something is to be closed. */
const CLOSING_MS = 1_000;
/** Longest between two looks otherwise: the stage, or a broker's hours, may have changed. A simulator's time may jump. */
const IDLE_MS = { SIM: 1_000, PAPER: 15_000, LIVE: 15_000 } as const;

const isStage = (text: string | null): text is RolloutStage => text !== null && Object.hasOwn(STAGES, text);

/** How long until the next look: half of what is left until the close is due, so that it is met with little asking. */
function restMs({ dueInMs, left }: FlattenCheck, speed: number, idleMs: number): number {
  if (left.length > 0) return CLOSING_MS;
  if (dueInMs === null || dueInMs <= 0) return idleMs;
  return Math.min(idleMs, Math.max(50, dueInMs / speed));
}

/** A database that does not answer either hears of it at the next try. */
async function reportFailure({ parts, log }: RoleContext, alarm: FlattenAlarm, stage: RolloutStage): Promise<void> {
  try {
    await alarm.failed(stage);
  } catch (error) {
    if (!parts.isTransient(error)) throw error;
    log.warn({ err: error }, 'the alert that positions are unknown before the close could not be raised');
  }
}

/**
 * Stage M1 keeps nothing overnight: requests an exit of what the broker holds before every close, half days included, under the
 * lease of the books. Needs neither ingest nor the pipeline, so that it closes with market data stopped too.
 */
export async function runFlattenBeforeClose(role: RoleContext, held: Held): Promise<void> {
  const { parts, log, venue } = role;
  const persist = createPersist(parts.clock, log, parts.isTransient, held.signal);
  const alarm = new FlattenAlarm(parts.alerts, parts.clock, venue.environment);
  const work = {
    broker: parts.broker,
    exits: { request: parts.exitRequests.request, otherOrders: parts.exits.otherOrders },
    orders: parts.orders,
    confirmedAccount: async () => (await parts.books.account()).brokerAccountId,
    newId: parts.clock.newId,
    monotonicMs: () => monotonicMs(parts.clock),
    hours: { speed: venue.speed, roundTheClock: venue.roundTheClock },
    onCloseRead: alarm.setClose,
  };
  const idleMs = IDLE_MS[venue.environment];
  while (!held.signal.aborted) {
    let waitMs: number = idleMs;
    let under: RolloutStage | null = null;
    try {
      const stage = await persist(() => parts.worker.stage());
      if (isStage(stage) && STAGES[stage].flatBeforeCloseMs !== null) {
        under = stage;
        const look = await flattenBeforeClose(work, stage);
        await alarm.checked(stage, look);
        waitMs = restMs(look, venue.speed, idleMs);
      }
    } catch (error) {
      if (!(error instanceof BrokerError) && !parts.isTransient(error)) throw error;
      log.warn({ err: error }, 'what is held could not be looked at before the close: it is tried again');
      waitMs = CLOSING_MS;
      if (under !== null) await reportFailure(role, alarm, under);
    }
    await parts.clock.sleep(waitMs, held.signal);
  }
}
