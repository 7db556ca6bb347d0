import { z } from 'zod';
import type { Settings } from '@/server/application/signals/bar-book';
import type { SignalWorker } from '@/server/application/signals/signal-worker';
import { isRecent } from '@/server/domain/market/market-clock';
import { STRATEGIES, type StrategyRun } from '@/server/domain/strategy';
import { chooseStrategies } from '@/server/domain/strategy/symbol-run';
import { underLease } from '../runtime/lease-role';
import type { Held, RoleContext } from '../runtime/role';
import { proposed } from './proposed';
import type { SettingsWatch } from './settings-watch';

/** Ticks that wait while a signal is being stored; older ones give way. */
const MAX_WAITING = 100;
/** Whether strategies may act is read at most this often. */
const READINESS_MS = 500;

const quoteSchema = z.object({ symbol: z.string(), quotedAt: z.iso.datetime() });

const ON_TICKS = STRATEGIES.filter(({ input }) => input === 'ticks');

/** Feeds strategies of the clock with every quote: one run each for all symbols, in one process. */
class TickFeed {
  private readonly runs = new Map<string, StrategyRun>();
  private readonly waiting: (() => Promise<void>)[] = [];
  private working: Promise<void> | null = null;
  private ready = false;
  private readMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly role: RoleContext,
    private readonly held: Held,
    private readonly worker: SignalWorker,
    private readonly settings: SettingsWatch,
  ) {}

  quoted(text: string): void {
    if (this.waiting.length >= MAX_WAITING) this.waiting.shift();
    this.waiting.push(() => this.feed(text));
    this.working ??= this.drain().finally(() => {
      this.working = null;
    });
  }

  async idle(): Promise<void> {
    await this.working;
  }

  private async drain(): Promise<void> {
    for (let work = this.waiting.shift(); work !== undefined && !this.held.signal.aborted; work = this.waiting.shift())
      await work().catch((error: unknown) => this.role.log.error({ err: error }, 'a quote could not be acted on'));
  }

  private async feed(text: string): Promise<void> {
    const running = this.running(await this.settings.current());
    if (running.length === 0) return;
    const parsed = quoteSchema.safeParse(JSON.parse(text));
    // A strategy of the clock stands still while it may not act, so that its steps are not lost.
    if (!parsed.success || !(await this.mayAct())) return;
    const { symbol, quotedAt } = parsed.data;
    for (const run of running) {
      const candidate = run.onTick?.(Date.parse(quotedAt), { symbol }) ?? null;
      if (candidate !== null) await this.role.persist(() => this.worker.propose(proposed(candidate, null)));
    }
  }

  private running({ rows, initial }: Settings): readonly StrategyRun[] {
    return chooseStrategies(ON_TICKS, rows, initial, '*').enabled.map(({ strategy, params, key }) => {
      const run = this.runs.get(key) ?? strategy.create(params);
      this.runs.set(key, run);
      return run;
    });
  }

  private async mayAct(): Promise<boolean> {
    if (performance.now() - this.readMs < READINESS_MS) return this.ready;
    const { state, reconciledAgeMs, portfolioMaxAgeMs } = await this.role.persist(() =>
      this.role.parts.worker.readiness(),
    );
    const known = isRecent(reconciledAgeMs, portfolioMaxAgeMs);
    this.readMs = performance.now();
    this.ready = state === 'ACTIVE' && known;
    this.role.status['strategies'] = this.ready
      ? 'running'
      : known
        ? `paused while ${state}`
        : 'waiting for reconciliation';
    return this.ready;
  }
}

/** Strategies of the clock, under the lease of that name: their steps are not to be taken twice. */
export function runTicks(role: RoleContext, worker: SignalWorker, settings: SettingsWatch): Promise<void> {
  return underLease(role, 'ticks', async (held) => {
    const feed = new TickFeed(role, held, worker, settings);
    const unsubscribe = role.onQuotes((text) => feed.quoted(text));
    while (!held.signal.aborted) await role.parts.clock.sleep(60_000, held.signal);
    unsubscribe();
    await feed.idle();
  });
}
