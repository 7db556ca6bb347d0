import { createReconciliationStore } from '@/server/adapters/postgres/books/reconciliation-store';
import { createAlertStore } from '@/server/adapters/postgres/ops/alert-store';
import { createTradingStore } from '@/server/adapters/postgres/ops/trading-store';
import { createExecutionStore } from '@/server/adapters/postgres/orders/execution-store';
import { createExitStore } from '@/server/adapters/postgres/orders/exit-store';
import { createOrderStore } from '@/server/adapters/postgres/orders/order-store';
import { bookUpdate } from '@/server/application/booking/book-update';
import type { ExecutionContext } from '@/server/application/execution-context';
import { Exits } from '@/server/application/exits/run-exits';
import { openOrdersOfHalt } from '@/server/application/halt/halt-orders';
import { verifyHalt } from '@/server/application/halt/verify-halt';
import { type Broker, BrokerError, type TradeUpdate } from '@/server/application/ports/broker';
import type { ExecutionStore } from '@/server/application/ports/execution-store';
import { type Fence, SupersededError } from '@/server/application/ports/lease';
import type { ReconciliationStore } from '@/server/application/ports/reconciliation-store';
import { reconcile } from '@/server/application/reconciliation/reconcile';
import { Executor } from '@/server/application/sending/executor';
import type { Log } from '@/server/kernel/log';
import { createPersist } from '@/workers/runtime/persist';
import type { ModelDatabase } from './database';
import { CrashError, Lifeline, OutageError } from './interrupts';
import type { ModelBroker } from './model-broker';
import type { Mutant } from './mutant';
import type { VirtualClock } from './virtual-clock';
import { waitingOrders } from './waiting';

/** The statement is read again this far back: further than it ever lags in a run. */
const OVERLAP_MS = 10_000;
const SETTLE_MS = 5_000;
/** As long as a halt waits for the send lock before its holder counts as dead: virtual time. */
const HOLDER_LIMIT_MS = 3_000;
const QUICK_MS = 60;
/** Longer than a decision is good for: what is still in flight then waits for another order. */
const PATIENCE_MS = 40_000;
const MOST_ROUNDS = 20;

/** Keeps defects that the use cases survive: none is expected. Breaks and foreign orders are logged as errors without a cause. */
function listening(faults: string[], lifeline: Lifeline): Log {
  const quiet = () => undefined;
  return {
    debug: quiet,
    info: quiet,
    warn: quiet,
    error(data, message) {
      if (!('err' in data) || lifeline.isDead || expected(data.err)) return;
      faults.push(`${message}: ${data.err instanceof Error ? data.err.stack : String(data.err)}`);
    },
  };
}

const expected = (error: unknown) =>
  error instanceof CrashError || error instanceof SupersededError || error instanceof BrokerError;

export interface WorkerParts {
  readonly database: ModelDatabase;
  readonly broker: ModelBroker;
  readonly clock: VirtualClock;
  readonly mutant: Mutant;
  /** Defects that were logged and survived. */
  readonly faults: string[];
}

/** One incarnation of the worker: what it does under the leases that it took, until it dies or is superseded. */
export class ModelWorker {
  readonly lifeline = new Lifeline();
  readonly context: ExecutionContext;
  readonly executor: Executor;
  private readonly exits: Exits;
  readonly token: string;
  private readonly books: ReconciliationStore;
  private readonly reconciling: ExecutionContext;
  private readonly controller = new AbortController();
  private readonly parts: WorkerParts;

  constructor(parts: WorkerParts, fences: { readonly execution: Fence; readonly reconciliation: Fence }) {
    const { database, clock, mutant } = parts;
    this.parts = parts;
    this.token = fences.execution.token;
    const broker = mutant.broker(this.connection(parts.broker));
    const store = mutant.store(this.guarded(createExecutionStore(database.main, database.send)));
    this.books = this.lifeline.wrap('database', createReconciliationStore(database.main));
    const log = listening(parts.faults, this.lifeline);
    const transient = (error: unknown) => error instanceof OutageError;
    this.context = {
      broker,
      store,
      clock,
      log,
      fence: fences.execution,
      holder: `worker ${this.token}`,
      signal: this.controller.signal,
      leaseSinceMs: clock.nowMs(),
      caps: { notional: null, qty: null },
      persist: createPersist(clock, log, transient, this.controller.signal),
    };
    this.reconciling = { ...this.context, fence: fences.reconciliation };
    this.executor = new Executor(this.context, (error) => this.controller.abort(error));
    this.exits = new Exits({
      context: this.context,
      exits: this.lifeline.wrap('database', createExitStore(database.main)),
      orders: this.lifeline.wrap('database', createOrderStore(database.main)),
      alerts: this.lifeline.wrap('database', createAlertStore(database.main)),
    });
  }

  /** The broker as this worker reaches it. Stopped after its last check, it sends when it goes on. */
  private connection(broker: ModelBroker): Broker {
    const { lifeline, token } = this;
    const submit: Broker['submit'] = (terms, options) => {
      const { isStopped, stops } = lifeline;
      return lifeline.through('broker', () => {
        const pastCheck = isStopped || lifeline.stops !== stops;
        return broker.submitFrom({ token, pastCheck }, terms, options);
      });
    };
    const wrapped = lifeline.wrap<Broker>('broker', broker);
    return new Proxy(wrapped, {
      get: (target, key, receiver) => (key === 'submit' ? submit : Reflect.get(target, key, receiver)),
    });
  }

  /** Every call can be disturbed. The send lock is had and let go by its own connection: only what is done under it can be. */
  private guarded(store: ExecutionStore): ExecutionStore {
    const withSendLock: ExecutionStore['withSendLock'] = async (fence, orderId, work) => {
      await this.lifeline.through('broker', async () => undefined);
      return store.withSendLock(fence, orderId, work);
    };
    const wrapped = this.lifeline.wrap('database', store);
    return new Proxy(wrapped, {
      get: (target, key, receiver) => (key === 'withSendLock' ? withSendLock : Reflect.get(target, key, receiver)),
    });
  }

  get isSuperseded(): boolean {
    return this.controller.signal.aborted;
  }

  /** Ends it as kill -9 does. */
  kill(): void {
    this.parts.clock.letDie(this.token);
    this.controller.abort(new CrashError('killed'));
    this.lifeline.kill();
  }

  stop(): void {
    this.parts.clock.letDie(this.token);
    this.lifeline.stop();
  }

  /** One pass and all that it begins. */
  submit(): Promise<void> {
    return this.step(async () => {
      await this.exits.pass();
      await this.executor.pass();
      await this.restful();
    });
  }

  /**
   * Until nothing is in flight. A flatten waits for another sell of the shares that it sells: cancels then take effect, and
   * the next pass and the next round, which a worker does side by side, tell of it.
   */
  private async restful(): Promise<void> {
    const { broker, clock } = this.parts;
    for (let n = 0; n < MOST_ROUNDS; n += 1) {
      const idle = this.executor.idle().then(() => true);
      if (await Promise.race([idle, clock.later(PATIENCE_MS).then(() => false)])) return;
      broker.finishCancels();
      await this.executor.pass();
      await this.poll(false);
    }
    const orders = await waitingOrders(this.parts.database, broker, this.context.fence);
    throw new Error(`an order is still on its way and nothing that it waits for is left\n${orders}`);
  }

  /** One look at the exits. */
  carryExitsOn(): Promise<void> {
    return this.step(async () => {
      await this.exits.pass();
    });
  }

  deliver(update: TradeUpdate): Promise<void> {
    return this.step(async () => {
      await bookUpdate(this.context, update);
    });
  }

  /** A round in the middle of another step: its own calls are disturbed by nothing. */
  async pollBeside(): Promise<void> {
    this.lifeline.disarm();
    await this.poll(false);
  }

  /** A round as the portfolio role begins it: a failed one is counted. */
  poll(first: boolean): Promise<void> {
    return this.step(async () => {
      const { books, reconciling } = this;
      try {
        const settleMs = first ? 0 : SETTLE_MS;
        await reconcile(reconciling, books, { initialBalancesSignedBy: 'model', overlapMs: OVERLAP_MS, settleMs });
      } catch (error) {
        if (!(error instanceof BrokerError)) throw error;
        await reconciling.persist(() => books.failRound());
      }
    });
  }

  /** One look at the halt in force, as the portfolio role takes it. */
  seeToHalt(): Promise<void> {
    return this.step(async () => {
      const { books, reconciling } = this;
      let halt = await reconciling.persist(() => books.halt());
      if (halt === null) return;
      if (!halt.acknowledged) {
        await this.acknowledge(halt.id);
        halt = (await reconciling.persist(() => books.halt())) ?? halt;
      }
      const { verified } = halt;
      const openOrders = () => openOrdersOfHalt(reconciling, books, verified, OVERLAP_MS);
      await verifyHalt(reconciling, books, halt, { openOrders, requests: () => 0 });
    });
  }

  private async acknowledge(haltId: string): Promise<void> {
    const { database, clock } = this.parts;
    const trading = createTradingStore(database.control, database.main);
    if (!(await trading.acknowledgeHalt(haltId, QUICK_MS)).acknowledged) {
      await clock.advance(HOLDER_LIMIT_MS);
      await endSenders(database);
      await trading.acknowledgeHalt(haltId, 2_000);
    }
    await trading.auditHalt(haltId);
  }

  /** What a worker survives: a broker that does not answer. What it does not: its own end, or another holder. */
  private async step(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof CrashError || error instanceof BrokerError) return;
      if (this.lifeline.isDead || this.isSuperseded) return;
      if (!(error instanceof SupersededError)) throw error;
      this.controller.abort(error);
    }
  }
}

/** Ends who has held the send lock for too long, as a halt does after three seconds. */
async function endSenders(database: ModelDatabase): Promise<void> {
  await database.witness.query(
    `SELECT pg_terminate_backend(pid) FROM pg_locks
     WHERE locktype = 'advisory' AND objid = 7300001 AND mode = 'ShareLock' AND granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
}
