import { z } from 'zod';
import { type Actor, SYSTEM_PRINCIPAL_ID } from '@/server/application/commands';
import { sizeSignal } from '@/server/application/execution/size-signal';
import { formatUnits } from '@/server/domain/money/decimal';
import {
  findStrategy,
  type SignalCandidate,
  type Strategy,
  type StrategyRun,
  startStrategy,
  toStrategyBar,
} from '@/server/domain/strategy';
import { underLease } from '../runtime/lease-role';
import type { Held, RoleContext } from '../runtime/role';

/** A signal that is not an order or an approval by then never becomes one. */
const SIGNAL_TTL_MS = 60_000;
/** Bars that a strategy is warmed up with, without acting on them. */
const WARM_UP_BARS = 500;
/** Ticks that wait while a signal is being placed; older ones give way. */
const MAX_WAITING = 100;
/** On quotes, whether strategies may act is read at most this often. */
const READINESS_MS = 500;
const RECONCILED_WITHIN_MS = 15_000;
const PLACE_TRIES = 5;
const PLACE_PAUSE_MS = 500;

const quoteSchema = z.object({ symbol: z.string(), quotedAt: z.iso.datetime() });

interface Running {
  readonly strategy: Strategy;
  /** One run for all symbols of a tick strategy; one a symbol of a bar strategy. */
  readonly runs: Map<string, StrategyRun>;
  readonly lastBarMs: Map<string, number>;
}

/** Names in STRATEGIES; "none" and the empty list switch all off. @throws Error for a name that is none */
function startRuns(names: string): Running[] {
  const wanted = names
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'none');
  return wanted.map((name) => {
    const strategy = findStrategy(name);
    if (strategy === undefined) throw new Error(`STRATEGIES: there is no strategy "${name}"`);
    return { strategy, runs: new Map(), lastBarMs: new Map() };
  });
}

function runOf(running: Running, key: string): StrategyRun {
  const known = running.runs.get(key);
  if (known !== undefined) return known;
  const run = startStrategy(running.strategy, {});
  running.runs.set(key, run);
  return run;
}

/** Stores the signal, sizes it as the gate would, and places it under its own key: a repetition has no second effect. */
export async function placeSignal(role: RoleContext, candidate: SignalCandidate): Promise<void> {
  const { parts, log, persist } = role;
  const { signalId, strategy, symbol, action } = candidate;
  const signal = {
    id: signalId,
    strategy,
    modelVersion: candidate.strategyVersion,
    symbol,
    action,
    confidence: candidate.confidence,
    sizePct: candidate.sizePct,
    principalId: SYSTEM_PRINCIPAL_ID,
    ttlMs: SIGNAL_TTL_MS,
  };
  // One that is known was proposed before, by a process that may have died before placing it: its key lets it be placed once.
  await persist(() => parts.worker.storeSignal(signal));
  const sized = await persist(() =>
    sizeSignal(parts.placements, { signalId, symbol, action, principalId: SYSTEM_PRINCIPAL_ID }),
  );
  if (sized.qty === 0n && !sized.rejected) {
    log.info({ signalId, symbol, action }, 'the approved size is less than a share: no order');
    return;
  }
  // A rejection is worth recording: the gate says no to one share as well.
  const qty = formatUnits(sized.qty === 0n ? 10n ** 12n : sized.qty);
  const actor: Actor = { kind: 'strategy', principalId: SYSTEM_PRINCIPAL_ID, name: strategy, correlationId: signalId };
  const order = { signal_id: signalId, symbol, side: action, qty, order_type: 'MARKET', time_in_force: 'DAY' } as const;
  for (let n = 1; n <= PLACE_TRIES; n++) {
    const answer = await persist(() => parts.commands.placeOrder(actor, `signal:${signalId}`, order));
    log.info({ signalId, symbol, action, qty, statusCode: answer.statusCode }, 'signal placed');
    if (answer.statusCode !== 503) return;
    await parts.clock.sleep(PLACE_PAUSE_MS, role.signal);
  }
}

/** Feeds strategies what is announced and places what they propose, one after the other. */
class Pipeline {
  private readonly role: RoleContext;
  private readonly running: readonly Running[];
  private readonly held: Held;
  private readonly ticks: (() => Promise<void>)[] = [];
  private readonly bars: (() => Promise<void>)[] = [];
  private working: Promise<void> | null = null;
  private ready = false;
  private readMs = Number.NEGATIVE_INFINITY;

  constructor(role: RoleContext, held: Held, running: readonly Running[]) {
    this.role = role;
    this.held = held;
    this.running = running;
  }

  quoted(text: string): void {
    const parsed = quoteSchema.safeParse(JSON.parse(text));
    if (!parsed.success) return;
    const { symbol, quotedAt } = parsed.data;
    if (this.ticks.length >= MAX_WAITING) this.ticks.shift();
    this.ticks.push(async () => {
      // A strategy of the clock stands still meanwhile, so that its steps are not lost.
      if (!(await this.mayAct(READINESS_MS))) return;
      for (const running of this.running.filter(({ strategy }) => strategy.input === 'ticks')) {
        await this.act(runOf(running, '').onTick?.(Date.parse(quotedAt), { symbol }) ?? null);
      }
    });
    this.work();
  }

  /** Feeds what closed since to the strategies of bars. Resolves when that is done, so that the event counts as handled then. */
  barClosed(symbol: string): Promise<void> {
    return new Promise((done, fail) => {
      this.bars.push(() => this.feed(symbol).then(done, fail));
      this.work();
    });
  }

  async idle(): Promise<void> {
    await this.working;
  }

  private work(): void {
    this.working ??= this.drain().finally(() => {
      this.working = null;
    });
  }

  /** Bars go first, and none is left out: who waits for one must learn that the lease has ended. */
  private next(): (() => Promise<void>) | undefined {
    return this.bars.shift() ?? (this.held.signal.aborted ? undefined : this.ticks.shift());
  }

  private async drain(): Promise<void> {
    for (let work = this.next(); work !== undefined; work = this.next()) {
      await work().catch((error: unknown) => this.role.log.error({ err: error }, 'a signal could not be placed'));
    }
  }

  private async feed(symbol: string): Promise<void> {
    if (this.held.signal.aborted) throw new Error('the pipeline lease has ended');
    for (const running of this.running.filter(({ strategy }) => strategy.input === 'bars'))
      await this.feedBars(running, symbol);
  }

  private async feedBars(running: Running, symbol: string): Promise<void> {
    const last = running.lastBarMs.get(symbol) ?? null;
    const bars = await this.role.persist(() => this.role.parts.market.barsAfter(symbol, last, WARM_UP_BARS));
    for (const [index, bar] of bars.entries()) {
      running.lastBarMs.set(symbol, bar.startMs);
      const candidate = runOf(running, symbol).onBar(toStrategyBar(bar));
      // The first time everything but the newest bar is history.
      if (last !== null || index === bars.length - 1) await this.act(candidate);
    }
  }

  /** @param maxAgeMs how old the answer may be */
  private async mayAct(maxAgeMs: number): Promise<boolean> {
    if (performance.now() - this.readMs < maxAgeMs) return this.ready;
    const { state, reconciledAgeMs } = await this.role.persist(() => this.role.parts.worker.readiness());
    const known = reconciledAgeMs !== null && reconciledAgeMs <= RECONCILED_WITHIN_MS;
    this.readMs = performance.now();
    this.ready = state === 'ACTIVE' && known;
    this.role.status['strategies'] = this.ready
      ? 'running'
      : known
        ? `paused while ${state}`
        : 'waiting for reconciliation';
    return this.ready;
  }

  private async act(candidate: SignalCandidate | null): Promise<void> {
    // A signal is rare and comes once: it is not given up for what was true half a second ago.
    if (candidate !== null && (await this.mayAct(0))) await placeSignal(this.role, candidate);
  }
}

/** Strategies to signals to orders, under the pipeline lease. */
export function runPipeline(role: RoleContext): Promise<void> {
  const running = startRuns(role.env.STRATEGIES);
  role.status['strategies'] = running.length === 0 ? 'off' : 'running';
  return underLease(role, 'pipeline', async (held) => {
    const pipeline = new Pipeline(role, held, running);
    const deafen = role.onQuotes((text) => pipeline.quoted(text));
    const onBars = running.some(({ strategy }) => strategy.input === 'bars')
      ? role.parts.bus.subscribe('pipeline', ['market.bar.closed'], ({ subject }) => pipeline.barClosed(subject), {
          maxInFlight: 1,
        })
      : null;
    while (!held.signal.aborted) await role.parts.clock.sleep(60_000, held.signal);
    deafen();
    await onBars?.close();
    await pipeline.idle();
  });
}
