import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { VenueInfo } from '@/server/application/ports/broker';
import { venueRefusal } from '@/server/application/sending/stage-venue';
import { type Env, EnvError, readEnv } from '@/server/composition/env';
import { composeWorker, type WorkerParts } from '@/server/composition/worker';
import { runExecution } from './runners/execution';
import { runIngest } from './runners/ingest';
import { runMaintenance } from './runners/maintenance';
import { runNews } from './runners/news';
import { runPipeline } from './runners/pipeline';
import { runPortfolio } from './runners/portfolio';
import { runWatchdog } from './runners/watchdog';
import { ArgumentError, HELP, type NamedRole, readRoles } from './runtime/arguments';
import { alertUnstarted, watchBroker } from './runtime/broker-watch';
import { watchEngines } from './runtime/engine-watch';
import { runHeartbeat } from './runtime/heartbeat';
import { createLogger } from './runtime/logger';
import { startNotifications } from './runtime/notifications';
import { createPersist } from './runtime/persist';
import { type Role, type RoleContext, WATCHDOG } from './runtime/role';

const RUNNERS: Readonly<Record<Role, (context: RoleContext) => Promise<void>>> = {
  ingest: async (context) => {
    await Promise.all([runIngest(context), runNews(context)]);
  },
  pipeline: runPipeline,
  execution: runExecution,
  portfolio: runPortfolio,
  maintenance: runMaintenance,
};

/** After a signal: sends in flight take at most 2 s, their booking little more. */
const STOP_LIMIT_MS = 12_000;
const VENUE_RETRY_MS = 1_000;
const VENUE_NOTE_EVERY = 10;

/** Something that a person must put right before the worker can run. */
class StartError extends Error {
  override readonly name = 'StartError';
}

/** Waits for the venue, then makes sure that the stage allows it. @throws StartError */
async function allowedVenue(
  parts: WorkerParts,
  log: Logger,
  signal: AbortSignal,
  waiting: () => Promise<void>,
): Promise<VenueInfo | null> {
  for (let n = 0; !signal.aborted; n++) {
    try {
      const venue = await parts.venue();
      const stage = await parts.worker.stage();
      const refusal = venueRefusal(stage ?? 'none', venue.environment);
      if (refusal !== null) throw new StartError(refusal);
      return venue;
    } catch (error) {
      if (error instanceof StartError) throw error;
      const { state, detail } = parts.brokerHealth();
      const why = state === 'OK' ? '' : `: ${detail}`;
      if (n % VENUE_NOTE_EVERY === 0)
        log.warn({ err: error, url: parts.brokerAddress }, `waiting for the broker${why}`);
      await waiting();
      await parts.clock.sleep(VENUE_RETRY_MS, signal);
    }
  }
  return null;
}

function stopOnSignals(stop: AbortController, log: Logger): void {
  const onSignal = (name: string) => {
    if (stop.signal.aborted) return;
    log.info({ signal: name }, 'stopping');
    stop.abort(new Error(name));
    setTimeout(() => {
      log.error({}, 'did not stop in time');
      process.exit(1);
    }, STOP_LIMIT_MS).unref();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

async function start(env: Env, named: readonly NamedRole[]): Promise<void> {
  const holder = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
  const log = createLogger(env.LOG_LEVEL, holder);
  const stop = new AbortController();
  // Every role that sleeps listens for the end.
  setMaxListeners(0, stop.signal);
  stopOnSignals(stop, log);
  const roles = named.filter((role) => role !== WATCHDOG);
  await Promise.all([
    ...(roles.length === 0 ? [] : [run(env, roles, holder, log, stop)]),
    ...(roles.length === named.length ? [] : [runWatchdog(env, log, holder, stop.signal)]),
  ]);
}

async function run(
  env: Env,
  roles: readonly Role[],
  holder: string,
  log: Logger,
  stop: AbortController,
): Promise<void> {
  const { signal } = stop;
  const parts = composeWorker(
    env,
    (what, error) => log.error({ err: error }, what),
    (what) => log.warn({}, what),
  );
  const persist = createPersist(parts.clock, log, parts.isTransient, signal);
  const notifications = startNotifications(parts, log);
  try {
    await persist(() => parts.ready());
    const startedAtMs = parts.clock.nowMs();
    const venue = await allowedVenue(parts, log, signal, async () => {
      const info = { waitingFor: 'broker', brokerHealth: parts.brokerHealth() };
      await persist(() => parts.worker.beat({ id: holder, roles, startedAtMs, info }));
      await persist(() => alertUnstarted(parts, roles));
    });
    if (venue === null) return;
    const { onOutbox, onQuotes } = notifications;
    const context: RoleContext = { parts, env, log, holder, venue, signal, status: {}, persist, onOutbox, onQuotes };
    log.info({ roles, environment: venue.environment, source: venue.source }, 'worker started');
    process.stdout.write(`worker ready: ${roles.join(', ')} at ${venue.source}\n`);
    await Promise.all([
      ...roles.map((role) => RUNNERS[role](context)),
      runHeartbeat(context, roles),
      watchBroker(context, roles),
      watchEngines(context, roles),
    ]);
  } finally {
    stop.abort();
    await notifications.close();
    await parts.close();
    log.info({}, 'worker stopped');
  }
}

async function main(): Promise<void> {
  try {
    const roles = readRoles(process.argv.slice(2));
    if (roles === null) process.stdout.write(HELP);
    else await start(readEnv(), roles);
    process.exit(0);
  } catch (error) {
    const known = error instanceof ArgumentError || error instanceof EnvError || error instanceof StartError;
    process.stderr.write(
      `worker: ${known ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exit(known ? 2 : 1);
  }
}

await main();
