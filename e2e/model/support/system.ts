import { randomUUID } from 'node:crypto';
import { createLeaseStore } from '@/server/adapters/postgres/ops/lease-store';
import type { Commands } from '@/server/application/commands';
import type { Placement } from '@/server/application/placing/placement';
import type { NewBrokerOrder } from '@/server/application/ports/broker';
import { createCommands } from '@/server/composition/web';
import type { Actor } from '@/server/kernel/actor';
import type { Side } from '@/server/kernel/vocabulary';
import type { ModelDatabase } from './database';
import { CrashError, type Interrupt } from './interrupts';
import { ModelBroker } from './model-broker';
import type { Mutant } from './mutant';
import { readSnapshot, type Snapshot } from './snapshot';
import type { Tally } from './tally';
import { VirtualClock } from './virtual-clock';
import { LEASE_MS } from './virtual-time';
import { Watch } from './watch';
import { ModelWorker } from './worker';

const OPERATOR: Actor = {
  kind: 'user',
  principalId: '00000000-0000-4000-8000-0000000000aa',
  name: 'operator',
  correlationId: 'model',
};

export interface Proposal {
  readonly symbol: string;
  readonly side: Side;
  readonly qty: number;
  /** Below the policy's 0.6 a person must countersign. */
  readonly sure: boolean;
  readonly limit: boolean;
}

/** Everything of one run: the real use cases over the real database, the broker in memory, and who watches. */
export class System {
  readonly clock: VirtualClock;
  readonly broker: ModelBroker;
  readonly commands: Commands;
  readonly watch: Watch;
  readonly database: ModelDatabase;
  readonly tally: Tally;
  worker: ModelWorker | null = null;
  /** Stopped holders of leases that have gone to another. */
  readonly zombies: ModelWorker[] = [];
  private readonly faults: string[] = [];
  private readonly mutant: Mutant;
  private halting: Promise<unknown> | null = null;
  private proposals = 0;

  private constructor(database: ModelDatabase, mutant: Mutant, enforcing: boolean, tally: Tally) {
    this.database = database;
    this.tally = tally;
    this.mutant = mutant;
    this.clock = new VirtualClock(database.witness);
    this.broker = new ModelBroker(this.clock, enforcing);
    this.broker.onSend = (terms) => this.witnessSend(terms);
    this.commands = createCommands(
      { main: database.main, control: database.control },
      { codeVersion: 'model', onFault: (what, error) => this.fault(what, error) },
    );
    this.watch = new Watch(this.broker, this.faults);
  }

  static async begin(database: ModelDatabase, mutant: Mutant, enforcing: boolean, tally: Tally): Promise<System> {
    await database.beginAgain();
    const system = new System(database, mutant, enforcing, tally);
    await system.start();
    return system;
  }

  private fault(what: string, error: unknown): void {
    if (error !== undefined) this.faults.push(`${what}: ${String(error)}`);
  }

  private async witnessSend(terms: NewBrokerOrder): Promise<void> {
    const { rows } = await this.database.witness.query<{ halted: boolean; allowed: boolean }>({
      name: 'send',
      text: `SELECT EXISTS (SELECT 1 FROM trading_state t JOIN halts h ON h.id = t.halt_id WHERE h.acknowledged_at IS NOT NULL) AND o.kind NOT IN ('FLATTEN', 'PROTECTIVE') AS halted,
               CASE o.kind WHEN 'GATED' THEN e.decision = 'APPROVE' AND o.approval_id IS NULL OR e.decision <> 'REJECT' AND a.status IN ('APPROVED', 'REDUCED') AND a.order_id = o.id
                           WHEN 'FLATTEN' THEN EXISTS (SELECT 1 FROM audit_log l WHERE l.action = 'position.flatten' AND l.target = 'order:' || o.id)
                           WHEN 'PROTECTIVE' THEN EXISTS (SELECT 1 FROM audit_log l WHERE l.action = 'position.protect' AND l.target = 'order:' || o.id)
                           ELSE false END AS allowed
             FROM orders o LEFT JOIN policy_evaluations e ON e.id = o.evaluation_id LEFT JOIN approvals a ON a.id = o.approval_id WHERE o.id = $1`,
      values: [terms.clientOrderId],
    });
    const found = rows[0];
    if (found?.halted === true)
      this.broker.offences.push(`${terms.clientOrderId} was sent after the halt was acknowledged`);
    if (found?.allowed !== true)
      this.broker.offences.push(`${terms.clientOrderId} was sent without a decision that lets it`);
  }

  /** A worker process: takes the leases, waiting for a dead holder's to run out, and reconciles. */
  async start(): Promise<void> {
    const leases = createLeaseStore(this.database.control);
    const holder = randomUUID();
    for (;;) {
      const execution = await leases.acquire('execution', holder, LEASE_MS);
      const reconciliation = execution === null ? null : await leases.acquire('reconciliation', holder, LEASE_MS);
      if (execution !== null && reconciliation !== null) {
        const { database, broker, clock, mutant, faults } = this;
        this.worker = new ModelWorker({ database, broker, clock, mutant, faults }, { execution, reconciliation });
        break;
      }
      await this.clock.advance(1_000);
    }
    this.clock.keepAlive(this.worker.token);
    this.broker.newestToken = this.worker.token;
    // A new connection to the stream hears only what happens from now on.
    this.watch.unheard(this.broker.updates.splice(0));
    await this.poll(null);
  }

  crash(): void {
    this.worker?.kill();
    this.worker = null;
  }

  /** SIGSTOP: it still believes in its leases. */
  stall(): void {
    if (this.worker === null) return;
    this.worker.stop();
    this.zombies.push(this.worker);
    this.worker = null;
  }

  /** SIGCONT for those that were stopped; resolves when they have found out or finished. */
  async resume(): Promise<void> {
    for (const zombie of this.zombies.splice(0)) {
      zombie.lifeline.goOn();
      await zombie.executor.idle();
      zombie.kill();
    }
  }

  async propose(proposal: Proposal): Promise<Placement> {
    const { symbol, side, qty, sure, limit } = proposal;
    const signalId = randomUUID();
    this.proposals += 1;
    await this.database.main.query({
      name: 'signal',
      text: `INSERT INTO signals (id, source, strategy, symbol, action, confidence, size_pct, created_at, expires_at)
             VALUES ($1, 'STRATEGY', $2, $3, $4, $5, 0.02, clock_timestamp(), clock_timestamp() + interval '10 minutes')`,
      values: [signalId, `model ${this.proposals}`, symbol, side, sure ? 0.9 : 0.5],
    });
    return this.commands.placeOrder(OPERATOR, signalId, {
      signal_id: signalId,
      symbol,
      side,
      qty: String(qty),
      order_type: limit ? 'LIMIT' : 'MARKET',
      ...(limit ? { limit_price: '100' } : {}),
      time_in_force: 'DAY',
    });
  }

  approve = (id: string, shownHash: string) => this.commands.approve(OPERATOR, id, shownHash);
  reject = (id: string) => this.commands.reject(OPERATOR, id, 'not today');
  cancel = (orderId: string) => this.commands.cancelOrder(OPERATOR, orderId, 'not wanted');
  close = (symbol: string) => this.commands.closePosition(OPERATOR, symbol, 'out');

  submit = (interrupt: Interrupt | null) => this.disturbed(interrupt, (worker) => worker.submit());
  poll = (interrupt: Interrupt | null) => this.disturbed(interrupt, (worker) => worker.poll(false));
  seeToHalt = (interrupt: Interrupt | null) => this.disturbed(interrupt, (worker) => worker.seeToHalt());

  /** The portfolio role's round beside whatever else its worker is doing. */
  async pollBeside(): Promise<void> {
    await this.worker?.pollBeside();
  }

  /** Delivers one update that waits, and keeps it for another time when it is to come `again`. */
  async deliver(pick: number, again: boolean, interrupt: Interrupt | null): Promise<void> {
    const { updates } = this.broker;
    if (updates.length === 0) return;
    const index = pick % updates.length;
    const update = updates[index];
    if (update === undefined) return;
    if (!again) updates.splice(index, 1);
    await this.disturbed(interrupt, (worker) => worker.deliver(update));
    if (this.worker === null) this.watch.unheard([update]);
  }

  /** A step of the worker, something happening in the middle of it. */
  private async disturbed(interrupt: Interrupt | null, step: (worker: ModelWorker) => Promise<void>): Promise<void> {
    const { worker } = this;
    if (worker === null) return;
    const stopped = worker.lifeline.arm(interrupt);
    const done = step(worker);
    await Promise.race([done, stopped]);
    if (worker.lifeline.isStopped) done.catch((error: unknown) => this.fault('a stopped worker', error));
    else await done;
    if (worker.lifeline.isDead) await worker.executor.idle();
    worker.lifeline.disarm();
    if (worker.isSuperseded && this.worker === worker) this.crash();
    await this.halting;
    this.halting = null;
  }

  /** Asks for the halt; it is in force when this returns, and acknowledged once nobody sends. */
  async halt(inTheMiddle: boolean): Promise<void> {
    const asked = this.commands.halt(OPERATOR, 'model', inTheMiddle ? 2_000 : 60);
    this.halting = asked;
    let answered = false;
    const note = () => {
      answered = true;
    };
    asked.then(note, note);
    while (!answered && (await this.commands.tradingState()).state !== 'HALTED');
    if (!inTheMiddle) await asked;
  }

  release = () => this.commands.release(OPERATOR, 'it is over');

  async resolveBreaks(): Promise<void> {
    for (const { id, open } of (await this.look()).breaks)
      if (open) await this.commands.resolveBreak(OPERATOR, id, 'looked into');
  }

  look = (): Promise<Snapshot> => readSnapshot(this.database.witness);

  /** Ends the remaining processes, so that the next run starts with none. */
  async end(): Promise<void> {
    const last = this.worker;
    this.crash();
    await last?.executor.idle();
    for (const zombie of this.zombies.splice(0)) {
      zombie.kill();
      await zombie.executor.idle();
    }
  }

  /** What happens in the middle of a step. */
  async crashNow(): Promise<void> {
    this.crash();
    throw new CrashError('killed');
  }
}
