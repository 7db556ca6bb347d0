import { afterAll } from 'vitest';
import { ModelDatabase } from '@/e2e/model/support/database';
import { SOUND } from '@/e2e/model/support/mutant';
import { type Proposal, System } from '@/e2e/model/support/system';
import { Tally } from '@/e2e/model/support/tally';
import type { Actor } from '@/server/kernel/actor';
import { parseUnits } from '@/server/kernel/money';

/**
 * Known defects, each as a test of the right behaviour that is expected to fail. What leads to a defect happens in a hook,
 * which must succeed; only the claim itself may fail. A fix turns `it.fails` into `it`.
 */

export const PERSON: Actor = {
  kind: 'user',
  principalId: '00000000-0000-4000-8000-0000000000bb',
  name: 'maria@example.com',
  correlationId: 'defects',
};

const STEP_MS = 1_000;

/** One for a test file: its scenes follow one another. */
let database: Promise<ModelDatabase> | null = null;

afterAll(async () => {
  const opened = database;
  // Other files of the same worker share this module.
  database = null;
  await (await opened)?.close();
});

/** The whole stack in virtual time over a broker in memory, from an empty database. End it before the next one is opened. */
export class Scene {
  private constructor(
    readonly system: System,
    private readonly database: ModelDatabase,
  ) {}

  static async open(): Promise<Scene> {
    database ??= ModelDatabase.create();
    const opened = await database;
    await opened.main.query(`UPDATE settings SET stage = 'M0_LOCAL'`);
    return new Scene(await System.begin(opened, SOUND, true, new Tally()), opened);
  }

  close(): Promise<void> {
    return this.system.end();
  }

  get broker() {
    return this.system.broker;
  }

  query<T extends object>(text: string, values: readonly unknown[] = []): Promise<readonly T[]> {
    return this.database.main.query<T>(text, [...values]).then(({ rows }) => rows);
  }

  /** A statement with what the web process may do in the database, and no more. */
  asWeb = (text: string, values: readonly unknown[] = []): Promise<void> =>
    // The session authorisation too: a superuser's session may otherwise do more than the role that it has taken.
    this.after('SET SESSION AUTHORIZATION countersign_web', text, values);

  /** A statement of the database's owner. */
  asOwner = (text: string, values: readonly unknown[] = []): Promise<void> => this.after('SELECT 1', text, values);

  /** A statement of a superuser who has switched the triggers off. */
  asReplica = (text: string, values: readonly unknown[] = []): Promise<void> =>
    this.after(`SET session_replication_role = 'replica'`, text, values);

  private async after(setting: string, text: string, values: readonly unknown[]): Promise<void> {
    const client = await this.database.main.connect();
    try {
      await client.query(setting);
      await client.query(text, [...values]);
    } finally {
      client.release(true);
    }
  }

  /** Lets the worker work: what happened at the broker arrives, orders and cancels leave, rounds are made. */
  async run(virtualMs: number): Promise<void> {
    const { system } = this;
    const { clock, broker } = system;
    const endMs = clock.nowMs() + virtualMs;
    do {
      while (broker.updates.length > 0) await system.deliver(0, false, null);
      await this.pass();
      await system.seeToHalt(null);
      broker.finishCancels();
      await system.poll(null);
      await clock.advance(STEP_MS);
    } while (clock.nowMs() < endMs);
  }

  /** What is due leaves. Waits for the answers, but not for orders that wait for something else. */
  private async pass(): Promise<void> {
    const { worker, clock } = this.system;
    if (worker === null) throw new Error('there is no worker');
    await worker.carryExitsOn();
    await worker.executor.pass();
    await Promise.race([worker.executor.idle(), clock.later(2 * STEP_MS)]);
  }

  /** Places an order through the gate and lets it reach the broker. @returns its id */
  async work(proposal: Partial<Proposal> = {}): Promise<string> {
    const answer = await this.system.propose({
      symbol: 'AAPL',
      side: 'BUY',
      qty: 5,
      sure: true,
      limit: true,
      ...proposal,
    });
    if (answer.kind !== 'PLACED') throw new Error(`not placed: ${JSON.stringify(answer)}`);
    await this.run(2 * STEP_MS);
    if (this.broker.book.byClientId(answer.orderId) === null) throw new Error('the order did not reach the broker');
    return answer.orderId;
  }

  /** Buys shares at 100. */
  async hold(qty: number, symbol = 'AAPL'): Promise<void> {
    const id = await this.work({ qty, symbol });
    const order = this.broker.book.byClientId(id);
    if (order === null) throw new Error('the order did not reach the broker');
    this.broker.trade(order, order.terms.qty, parseUnits('100'), { named: true, listedAfterMs: 0 });
    await this.run(2 * STEP_MS);
    const { positions } = await this.system.look();
    if (positions[symbol] !== parseUnits(qty)) throw new Error(`${symbol} is not held`);
  }

  /** Open alerts, as `subject: message`. */
  async alerts(): Promise<readonly string[]> {
    const rows = await this.query<{ text: string }>(
      `SELECT subject || ': ' || message AS text FROM alerts WHERE resolved_at IS NULL ORDER BY opened_at`,
    );
    return rows.map(({ text }) => text);
  }

  /** Orders that the broker has of ours, in the order in which they came. */
  sent(): readonly string[] {
    return this.broker.book.orders.map(({ terms }) => `${terms.side} ${terms.qty / 10n ** 12n} ${terms.symbol}`);
  }

  brokerStatus(orderId: string): string {
    return this.broker.book.byClientId(orderId)?.status ?? 'unknown';
  }
}
