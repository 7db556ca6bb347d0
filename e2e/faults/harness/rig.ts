import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Pool } from 'pg';
import { ensureDefaults } from '@/server/adapters/postgres/ops/policy-versions';
import { createPool } from '@/server/adapters/postgres/pool';
import type { Commands } from '@/server/application/commands';
import { createCommands } from '@/server/composition/web';
import { SYSTEM_PRINCIPAL_ID } from '@/server/kernel/actor';
import type { Side } from '@/server/kernel/vocabulary';
import { RUN_POLICY } from '@/test-support/test-policy';
import { type Child, startChild } from '@/workers/simulator/testing/child';
import { KEY_ID, SECRET_KEY, testEnvironment } from '@/workers/simulator/testing/harness';
import type { Bundles } from './bundles';
import type { Cluster } from './cluster';
import { endWithMe, hasEnded, type TemporaryFolder, temporaryFolder } from './leftovers';
import { ClientProcess, Victim } from './processes';
import { TESTER } from './tester';
import { until } from './wait';

export const SYMBOLS = ['AAPL', 'MSFT', 'NVDA', 'AMZN', 'SPY'] as const;
/** Every symbol is held at this price, so that what rests and what fills is certain. */
const PIN = { bid: '99.99', ask: '100.01' };
/** Shares shown where an order is to fill in parts: the gate still finds the market deep enough to trade in. */
export const THIN = '30';
/** Fills in three parts of `THIN`. */
export const IN_PARTS = '90';
/** Rests: half a percent below the market, within the price collar. */
export const RESTING = '99.5';
/** Fills at once, as far as the displayed size goes. */
export const MARKETABLE = '100.01';

/** The consumer's effects, written in the transaction of each event. */
const EFFECTS =
  'CREATE TABLE fault_effects (n bigserial PRIMARY KEY, event_id uuid, topic text, position bigint, partition int)';

export interface OrderWish {
  readonly symbol?: string;
  readonly side?: Side;
  readonly qty?: string;
  readonly limit?: string;
  /** Price of its protective stop. */
  readonly stopLoss?: string;
}

export interface RigOptions {
  readonly cluster: Cluster;
  readonly bundles: Bundles;
  readonly simulator?: Readonly<Record<string, string>>;
  /** Settings of workers and clients: NATS_URL, REDIS_URL. */
  readonly env?: Readonly<Record<string, string>>;
}

async function startBroker(file: string, env: Record<string, string>): Promise<Child> {
  const child = await startChild(file, env);
  const pid = child.process.pid ?? 0;
  endWithMe(pid);
  child.process.once('close', () => hasEnded(pid));
  return child;
}

interface Database {
  readonly url: string;
  readonly drop: () => Promise<void>;
}

/** A whole system of processes for one cell: a database, the paper broker, as many workers and clients as it wants. */
export class Rig {
  readonly pool: Pool;
  readonly commands: Commands;
  private heard: Victim | null = null;
  private readonly control: Pool;
  private readonly victims: Victim[] = [];

  private constructor(
    private readonly database: Database,
    private readonly bundles: Bundles,
    public simulator: Child,
    private readonly simulatorEnv: Record<string, string>,
    private readonly temporary: TemporaryFolder,
    private readonly env: Readonly<Record<string, string>>,
  ) {
    this.pool = createPool(database.url, { name: 'fault suite', max: 4 });
    this.control = createPool(database.url, { name: 'fault suite control', max: 2 });
    this.commands = createCommands({ main: this.pool, control: this.control }, { codeVersion: 'faults' });
  }

  static async start({ cluster, bundles, simulator = {}, env: extra = {} }: RigOptions): Promise<Rig> {
    const folder = temporaryFolder('faults');
    mkdirSync(path.join(folder.path, 'arming'));
    const settings = { SIMULATOR_QUOTE_MS: '1000', SIMULATOR_CASH: '1000000', SIMULATOR_FEE_PER_SHARE: '0.005' };
    const env = testEnvironment(folder.path, { ...settings, ...simulator });
    const [database, child] = await Promise.all([cluster.createDatabase(), startBroker(bundles.simulator, env)]);
    const rig = new Rig(database, bundles, child, env, folder, extra);
    await ensureDefaults(rig.pool, RUN_POLICY);
    await rig.pool.query(EFFECTS);
    await Promise.all([rig.consume(), ...SYMBOLS.map((symbol) => rig.pin(symbol))]);
    return rig;
  }

  /** Journal and request log of the broker, and the arming of failpoints. */
  get folder(): string {
    return this.temporary.path;
  }

  get databaseUrl(): string {
    return this.database.url;
  }

  /** What the workers printed last, to explain why a cell was not held. */
  get outputs(): string {
    return this.victims.map((each) => `--- process ${each.pid}\n${each.output.slice(-3_000)}`).join('\n');
  }

  /** Starts a worker and waits until it is ready. `roles` empty: all of them. */
  async worker(roles = '', env: Readonly<Record<string, string>> = {}): Promise<Victim> {
    const settings = {
      DATABASE_URL: this.databaseUrl,
      BROKER_URL: this.simulator.url,
      BROKER_KEY_ID: KEY_ID,
      BROKER_SECRET_KEY: SECRET_KEY,
      STRATEGIES: 'none',
      LOG_LEVEL: 'info',
      ...this.env,
      ...env,
    };
    const args = roles === '' ? [] : ['--roles', roles];
    const worker = Victim.start(path.join(this.folder, 'arming'), this.bundles.worker, args, settings);
    this.victims.push(worker);
    await worker.says('worker ready', 60_000);
    return worker;
  }

  async client(): Promise<ClientProcess> {
    const env = { DATABASE_URL: this.databaseUrl, ...this.env };
    const client = await ClientProcess.start(path.join(this.folder, 'arming'), this.bundles.client, env);
    this.victims.push(client.victim);
    return client;
  }

  /** Starts a durable consumer of every event, in a process of its own; restarted when it has died. */
  async consume(): Promise<void> {
    const client = await this.client();
    await client.ask({ op: 'consume' });
    this.heard = client.victim;
  }

  /** @throws Error before it was started */
  get consumer(): Victim {
    if (this.heard === null) throw new Error('there is no consumer yet');
    return this.heard;
  }

  /** Waits for a reconciliation that ended after now: from then the gate lets orders through. */
  async reconciled(limitMs = 45_000): Promise<void> {
    const { rows } = await this.pool.query<{ now: Date }>('SELECT clock_timestamp() AS now');
    const since = rows[0]?.now;
    const done = async () =>
      (await this.count(
        `accounts a, market_clock c WHERE a.reconciled_at > $1 AND c.observed_at > $1
           AND (SELECT count(*) FROM quotes JOIN features USING (symbol)) >= ${SYMBOLS.length}`,
        [since],
      )) > 0;
    await until('a reconciliation, quotes and features', done, limitMs);
  }

  async count(from: string, values: readonly unknown[] = []): Promise<number> {
    const { rows } = await this.pool.query<{ count: string }>(`SELECT count(*) FROM ${from}`, [...values]);
    return Number(rows[0]?.count ?? 0);
  }

  /** The first column of the first row, as text; null when there is none. */
  async value(sql: string, values: readonly unknown[] = []): Promise<string | null> {
    const { rows } = await this.pool.query<Record<string, unknown>>(sql, [...values]);
    const found: unknown = Object.values(rows[0] ?? {})[0];
    return found === undefined || found === null ? null : String(found);
  }

  /** Stores a signal and says what order would consume it. */
  async wish({ symbol = 'AAPL', side = 'BUY', qty = '1', limit, stopLoss }: OrderWish = {}) {
    const signalId = randomUUID();
    await this.pool.query(
      `INSERT INTO signals (id, source, strategy, symbol, action, confidence, size_pct, principal_id, created_at, expires_at)
       VALUES ($1, 'STRATEGY', 'test', $2, $3, 0.8, 0.01, $4, now(), now() + interval '10 minutes')`,
      [signalId, symbol, side, SYSTEM_PRINCIPAL_ID],
    );
    const terms = {
      signal_id: signalId,
      symbol,
      side,
      qty,
      time_in_force: 'DAY',
      ...(stopLoss === undefined ? {} : { stop_loss: { stop_price: stopLoss } }),
    } as const;
    return limit === undefined
      ? ({ ...terms, order_type: 'MARKET' } as const)
      : ({ ...terms, order_type: 'LIMIT', limit_price: limit } as const);
  }

  /** Places an order through the gate. @returns its id @throws Error when the gate says no */
  async place(wish: OrderWish = {}): Promise<string> {
    const order = await this.wish(wish);
    const answer = await this.commands.placeOrder(TESTER, order.signal_id, order);
    if (answer.kind !== 'PLACED') throw new Error(`not placed: ${JSON.stringify(answer)}`);
    return answer.orderId;
  }

  /** One order in each symbol: a symbol in doubt takes no second one. */
  placeEach(wish: Omit<OrderWish, 'symbol'> = {}): Promise<string[]> {
    return Promise.all(SYMBOLS.map((symbol) => this.place({ ...wish, symbol })));
  }

  async cancel(orderId: string): Promise<void> {
    const answer = await this.commands.cancelOrder(TESTER, orderId, 'test');
    if (!answer.ok) throw new Error(`the cancel was refused: ${answer.message}`);
  }

  async halt(): Promise<void> {
    await this.commands.halt(TESTER, 'test');
  }

  async release(): Promise<void> {
    const done = async () => (await this.commands.release(TESTER, 'test')).ok;
    await until('the release', done, 60_000);
  }

  /** Waits until all of these orders have one of the statuses. */
  async reach(ids: readonly string[], statuses: readonly string[], limitMs = 60_000): Promise<void> {
    const there = async () =>
      (await this.count('orders WHERE id = ANY ($1::uuid[]) AND status = ANY ($2)', [ids, statuses])) === ids.length;
    await until(`${ids.length} order(s) to be ${statuses.join(' or ')}`, there, limitMs);
  }

  /** A request to the simulator, with keys. */
  async sim<T>(method: string, url: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.simulator.url}${url}`, {
      method,
      headers: { 'APCA-API-KEY-ID': KEY_ID, 'APCA-API-SECRET-KEY': SECRET_KEY, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
    return text === '' ? JSON.parse('null') : JSON.parse(text);
  }

  faults(settings: Readonly<Record<string, unknown>>): Promise<unknown> {
    return this.sim('PUT', '/sim/v1/faults', settings);
  }

  noFaults(): Promise<unknown> {
    return this.sim('DELETE', '/sim/v1/faults');
  }

  /** Holds a symbol's price, with so many shares shown on each side. */
  pin(symbol: string, size = '1000'): Promise<unknown> {
    return this.sim('POST', '/sim/v1/control', { quote: { symbol, ...PIN, bid_size: size, ask_size: size } });
  }

  /** Kills the simulator and starts it again at the same address, on the same journal. */
  async restartSimulator(): Promise<void> {
    await this.simulator.end('SIGKILL');
    const env = { ...this.simulatorEnv, SIMULATOR_PORT: new URL(this.simulator.url).port };
    this.simulator = await startBroker(this.bundles.simulator, env);
    await Promise.all(SYMBOLS.map((symbol) => this.pin(symbol)));
  }

  async stop(): Promise<void> {
    await Promise.all(this.victims.map((each) => each.end('SIGKILL')));
    await this.simulator.end('SIGKILL');
    await this.pool.end();
    await this.control.end();
    await this.database.drop().catch(() => undefined);
    this.temporary.remove();
  }
}
