import { SENDS_OVER_MS } from '@/server/application/halt/verify-halt';
import type {
  BreakGlassJournal,
  BreakGlassRecord,
  BreakGlassStore,
  TradingSuspension,
} from '@/server/application/ports/break-glass';
import { type Broker, BrokerError, type BrokerOrder } from '@/server/application/ports/broker';
import { opensRisk } from '@/server/domain/order/opens-risk';
import type { Clock } from '@/server/kernel/clock';

const FIRST_PAUSE_MS = 250;
const MOST_PAUSE_MS = 2_000;

export interface BreakGlassTools {
  readonly broker: Pick<Broker, 'cancel' | 'cancelAll' | 'openOrders' | 'positions'>;
  /** Null: new orders are not suspended (the dead man's switch only cancels). */
  readonly suspension: TradingSuspension | null;
  readonly journal: BreakGlassJournal;
  readonly clock: Clock;
  readonly say: (line: string) => void;
  readonly signal?: AbortSignal;
}

export interface BreakGlassAct {
  readonly kind: BreakGlassRecord['kind'];
  readonly actor: string;
  readonly reason: string;
  /** How long to look until nothing works, ms. */
  readonly limitMs: number;
  /** Kept with the record. */
  readonly data?: Readonly<Record<string, unknown>>;
}

export interface BreakGlassResult {
  readonly id: string;
  /** Orders that still work; null when the broker did not say. */
  readonly working: number | null;
  /** Whether the broker refuses new orders now; null when it was not asked to. */
  readonly suspended: boolean | null;
  readonly cancelRequests: number;
  /** Whether every step is in the journal, to be audited when the database is back. */
  readonly recorded: boolean;
}

const words = (error: unknown) => (error instanceof Error ? error.message : String(error));

class Act {
  readonly id: string;
  recorded = true;
  cancelRequests = 0;

  constructor(
    readonly tools: BreakGlassTools,
    readonly act: BreakGlassAct,
  ) {
    this.id = tools.clock.newId();
  }

  /** A full disk must not keep anybody from stopping: what cannot be written is said. */
  async record(phase: BreakGlassRecord['phase'], data: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const { journal, clock, say } = this.tools;
    const { kind, actor, reason } = this.act;
    try {
      const at = new Date(clock.nowMs()).toISOString();
      await journal.append({ id: this.id, phase, kind, actor, reason, at, data: { ...this.act.data, ...data } });
    } catch (error) {
      this.recorded = false;
      say(`not recorded: ${words(error)}`);
    }
  }

  /** Written down before it is asked for, unless somebody else has suspended trading already. */
  async suspend(): Promise<boolean | null> {
    const { suspension, say } = this.tools;
    if (suspension === null) return null;
    try {
      if (await suspension.suspended()) {
        say('the broker refuses new orders already');
        return true;
      }
      await this.record('SUSPENDING');
      await suspension.suspend(true);
      say('the broker refuses new orders from now on');
      return true;
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      say(`the broker did not suspend trading: ${error.message}`);
      return false;
    }
  }

  /** One cancel of everything and one look. @returns orders that work; null when the broker did not say */
  async cancelAndLook(): Promise<number | null> {
    const { broker, say } = this.tools;
    try {
      this.cancelRequests += 1;
      const { refused } = await broker.cancelAll();
      for (const { externalOrderId, message } of refused.slice(0, 5))
        say(`not cancellable yet: ${externalOrderId} (${message})`);
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      say(`the cancel was not answered: ${error.message}`);
    }
    try {
      let working = 0;
      const open = await broker.openOrders(({ id, why }) => {
        working += 1;
        say(`an order that cannot be read still works: ${id ?? 'without id'} (${why})`);
      });
      working += open.length;
      say(working === 0 ? 'no order works' : `${working} order(s) still work`);
      return working;
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      say(`the broker does not tell what works: ${error.message}`);
      return null;
    }
  }

  /** One look, and a cancel of each order that opens risk. @returns those that still work; null when the broker did not say */
  async cancelOpening(): Promise<number | null> {
    const { broker, say } = this.tools;
    try {
      const opening = await openingOrders(broker);
      for (const { externalOrderId, symbol } of opening) {
        this.cancelRequests += 1;
        const { kind } = await broker.cancel(externalOrderId);
        if (kind !== 'taken') say(`the cancel of ${symbol} order ${externalOrderId} was not taken: ${kind}`);
      }
      say(opening.length === 0 ? 'no order that opens risk works' : `${opening.length} order(s) that open risk work`);
      return opening.length;
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      say(`the broker does not tell what works: ${error.message}`);
      return null;
    }
  }

  /** Repeats until nothing works or the time is over. Where new orders may still arrive, one look is not enough. */
  async untilNothingWorks(certain: boolean, round: () => Promise<number | null>): Promise<number | null> {
    const { clock, signal } = this.tools;
    const endMs = performance.now() + this.act.limitMs;
    let pauseMs = FIRST_PAUSE_MS;
    let clean = false;
    for (;;) {
      const working = await round();
      if (working === 0 && (certain || clean)) return 0;
      clean = working === 0;
      if (performance.now() >= endMs || signal?.aborted === true) return working;
      await clock.sleep(clean ? SENDS_OVER_MS : pauseMs, signal);
      pauseMs = Math.min(pauseMs * 2, MOST_PAUSE_MS);
    }
  }
}

/**
 * Stops trading at the broker itself, with neither database nor worker: new orders are suspended there, everything is
 * cancelled, and it is looked until nothing works. Each step is written down before it is taken.
 */
export async function breakGlass(tools: BreakGlassTools, act: BreakGlassAct): Promise<BreakGlassResult> {
  const run = new Act(tools, act);
  await run.record('BEGUN');
  const suspended = await run.suspend();
  const working = await run.untilNothingWorks(suspended === true, () => run.cancelAndLook());
  const { cancelRequests } = run;
  await run.record('ENDED', { working, suspended, cancel_requests: cancelRequests });
  return { id: run.id, working, suspended, cancelRequests, recorded: run.recorded };
}

/**
 * Orders at the broker that open risk (H-9). What cannot be read is left alone, and so is every sale while a position cannot be
 * read: it may protect that one.
 * @throws BrokerError
 */
export async function openingOrders(broker: Pick<Broker, 'openOrders' | 'positions'>): Promise<readonly BrokerOrder[]> {
  const open = await broker.openOrders(() => undefined);
  let unreadable = false;
  const positions = await broker.positions(() => {
    unreadable = true;
  });
  const held = new Map(positions.map(({ symbol, qty }) => [symbol, qty]));
  return open.filter((order) => {
    if (unreadable && order.side === 'SELL') return false;
    return opensRisk(order, held.get(order.symbol) ?? 0n);
  });
}

/**
 * Cancels what opens risk at the broker, order by order, until none of it works: never stops, exits or anything else that closes
 * (H-9). Each step is written down before it is taken.
 */
export async function cancelOpeningOrders(tools: BreakGlassTools, act: BreakGlassAct): Promise<BreakGlassResult> {
  const run = new Act(tools, act);
  await run.record('BEGUN');
  const working = await run.untilNothingWorks(false, () => run.cancelOpening());
  const { cancelRequests, id, recorded } = run;
  await run.record('ENDED', { working, suspended: null, cancel_requests: cancelRequests });
  return { id, working, suspended: null, cancelRequests, recorded };
}

/**
 * Books what the journal holds and the database lacks. Safe to repeat, and by several at once.
 * @param settled steps known to be booked, kept from call to call: the journal only grows, and is read every few seconds
 * @returns steps booked
 */
export async function bookBreakGlass(
  journal: BreakGlassJournal,
  store: Pick<BreakGlassStore, 'book'>,
  settled: Set<string> = new Set(),
): Promise<number> {
  let booked = 0;
  for (const record of await journal.read()) {
    const step = `${record.id} ${record.phase}`;
    if (settled.has(step)) continue;
    if (await store.book(record)) booked += 1;
    settled.add(step);
  }
  return booked;
}

/**
 * After a release: the broker takes orders again where it was we who suspended it. No halt that came meanwhile is undone:
 * one that came between the look and the broker's answer finds trading suspended again.
 * @param bookNews books what the journal holds of acts without the database
 * @returns whether trading is active and nothing of ours suspends it any more
 * @throws BrokerError
 */
export async function liftSuspension(
  suspension: TradingSuspension,
  store: BreakGlassStore,
  clock: Pick<Clock, 'nowMs'>,
  bookNews: () => Promise<unknown>,
): Promise<boolean> {
  const owed = await store.suspensionsToLift();
  if (owed === null) return false;
  if (owed.length > 0) {
    await suspension.suspend(false);
    await bookNews();
    if ((await store.suspensionsToLift()) === null) {
      await suspension.suspend(true);
      return false;
    }
  }
  for (const each of owed)
    await store.book({ ...each, phase: 'LIFTED', at: new Date(clock.nowMs()).toISOString(), data: {} });
  return true;
}
