import type { System } from './system';

/** Longer than what reconciliation leaves to settle, than a cancel waits for its first answer, and than the statement lags. */
const PAUSE_MS = 6_000;
/** Longer than a cancel that was sent in vain several times waits before it is sent again. */
const RESEND_MS = 61_000;
const PAUSES_MS = [PAUSE_MS, RESEND_MS, PAUSE_MS];

async function deliverAll(system: System): Promise<void> {
  while (system.broker.updates.length > 0) await system.deliver(0, false, null);
}

async function round(system: System, pauseMs: number): Promise<void> {
  await system.clock.advance(pauseMs);
  system.broker.land();
  await deliverAll(system);
  await system.submit(null);
  system.broker.finishCancels();
  await deliverAll(system);
  await system.seeToHalt(null);
  system.broker.finishCancels();
  await deliverAll(system);
  await system.poll(null);
}

/** Lets everything come to rest: faults end, stopped processes go on, the worker runs and reconciles. */
export async function settle(system: System, delivered: boolean): Promise<void> {
  const { broker } = system;
  broker.sendFaults.length = 0;
  broker.cancelFaults.length = 0;
  broker.failingQueries = 0;
  if (system.worker === null) await system.start();
  await system.resume();
  // The stream broke: what it had not delivered must be found by asking.
  if (!delivered) system.watch.unheard(broker.updates.splice(0));
  for (const pauseMs of PAUSES_MS) await round(system, pauseMs);
}
