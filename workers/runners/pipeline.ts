import type { MemoService } from '@/server/application/ports/memo-service';
import { SignalWorker } from '@/server/application/signals/signal-worker';
import { findStrategy } from '@/server/domain/strategy';
import { initialStrategies } from '@/server/domain/strategy/settings';
import { BarFeed } from '../pipeline/bars';
import { SettingsWatch } from '../pipeline/settings-watch';
import { runTicks } from '../pipeline/ticks';
import type { RoleContext } from '../runtime/role';

/** @throws Error for a name that is none */
function initial(names: string): readonly string[] {
  const wanted = initialStrategies(names);
  for (const name of wanted)
    if (findStrategy(name) === undefined) throw new Error(`STRATEGIES: there is no strategy "${name}"`);
  return wanted;
}

function createSignalWorker({ parts, log, holder }: RoleContext, memos: MemoService): SignalWorker {
  return new SignalWorker({
    tasks: parts.signalTasks,
    commands: parts.commands,
    memos,
    readiness: parts.worker.readiness,
    clock: parts.clock,
    holder,
    note: (facts, what) => log.info(facts, what),
    warn: (facts, what) => log.warn(facts, what),
    onFault: (what, error) => log.error({ err: error }, what),
  });
}

/**
 * Closed bars to features, strategies, candidates and their end at the gate. Any number of processes share this: bars by partition,
 * candidates by claim. Only strategies of the clock have one holder.
 */
export async function runPipeline(role: RoleContext): Promise<void> {
  const wanted = initial(role.env.STRATEGIES);
  const { parts, signal } = role;
  role.status['strategies'] = wanted.length === 0 ? 'off' : 'running';
  const reasoning = parts.reasoning(signal);
  // Read with every heartbeat.
  Object.defineProperty(role.status, 'reasoning', { enumerable: true, configurable: true, get: reasoning.state });
  const worker = createSignalWorker(role, reasoning.memos);
  const settings = new SettingsWatch(parts.strategySettings, wanted);
  const feed = new BarFeed(role, worker, settings);
  const bars = parts.bus.subscribe('pipeline', ['market.bar.closed'], (event) => feed.closed(event));
  const signals = parts.bus.subscribe('signal-desk', ['signal.candidate.created'], async () => worker.wake());
  const closing = new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true })).then(() =>
    Promise.all([bars.close(), signals.close()]),
  );
  try {
    await Promise.all([
      runTicks(role, worker, settings),
      feed.warmUp(),
      worker.run(signal),
      ...(signal.aborted ? [] : [closing]),
    ]);
  } finally {
    await reasoning.close();
  }
}
