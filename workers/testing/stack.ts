import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { ensureDefaults } from '@/server/adapters/postgres/ops/policy-versions';
import { createPool } from '@/server/adapters/postgres/pool';
import type { Commands } from '@/server/application/commands';
import { createCommands } from '@/server/composition/web';
import { type Actor, SYSTEM_PRINCIPAL_ID } from '@/server/kernel/actor';
import type { Side } from '@/server/kernel/vocabulary';
import { bundleForTest } from '@/test-support/bundle';
import { factsOf, type PlacementFacts } from '@/test-support/placements';
import { createTestDatabase } from '@/test-support/postgres';
import { TEST_POLICY } from '@/test-support/test-policy';
import { bundleSimulator, type Child, startChild } from '../simulator/testing/child';
import { KEY_ID, SECRET_KEY, testEnvironment } from '../simulator/testing/harness';

export const TESTER: Actor = { kind: 'system', principalId: SYSTEM_PRINCIPAL_ID, name: 'test', correlationId: 'test' };

let workerFile: Promise<string> | undefined;
let simulatorFile: Promise<string> | undefined;

export interface WorkerChild {
  readonly process: ChildProcess;
  readonly output: () => string;
  /** Resolves with the exit code, null after a signal. */
  readonly ended: Promise<number | null>;
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export interface PlaceOptions {
  readonly symbol?: string;
  readonly side?: Side;
  readonly qty?: string;
  readonly limitPrice?: string;
  /** Price of its protective stop. */
  readonly stopLoss?: string;
}

/** A database, a simulator process and as many worker processes as a test wants. */
export class Stack {
  readonly pool: Pool;
  readonly commands: Commands;
  private readonly control: Pool;
  private readonly workers: WorkerChild[] = [];

  private constructor(
    readonly databaseUrl: string,
    private readonly dropDatabase: () => Promise<void>,
    public simulator: Child,
    private readonly simulatorEnv: Record<string, string>,
    /** The data folder of everything started here. */
    readonly folder: string,
  ) {
    this.pool = createPool(databaseUrl, { name: 'test', max: 4 });
    this.control = createPool(databaseUrl, { name: 'test control', max: 2 });
    this.commands = createCommands({ main: this.pool, control: this.control }, { codeVersion: 'test' });
  }

  static async start(simulatorEnv: Record<string, string> = {}): Promise<Stack> {
    simulatorFile ??= bundleSimulator();
    const folder = mkdtempSync(join(tmpdir(), 'countersign-stack-'));
    const env = testEnvironment(folder, { SIMULATOR_QUOTE_MS: '1000', ...simulatorEnv });
    const [database, simulator] = await Promise.all([createTestDatabase(), startChild(await simulatorFile, env)]);
    const stack = new Stack(database.url, database.drop, simulator, env, folder);
    await ensureDefaults(stack.pool, TEST_POLICY);
    return stack;
  }

  /** Starts a worker and waits until it is ready, unless it is meant to end before. */
  async worker(env: Record<string, string> = {}, args: string[] = []): Promise<WorkerChild> {
    workerFile ??= bundleForTest('workers/main.ts', 'worker');
    const child = spawn(process.execPath, [await workerFile, ...args], {
      env: {
        PATH: process.env['PATH'] ?? '',
        NODE_ENV: 'test',
        DATABASE_URL: this.databaseUrl,
        DATA_DIR: this.folder,
        BROKER_URL: this.simulator.url,
        BROKER_KEY_ID: KEY_ID,
        BROKER_SECRET_KEY: SECRET_KEY,
        STRATEGIES: 'none',
        // What the simulator invents as news does not decide about other tests.
        REASONER: 'none',
        LOG_LEVEL: 'warn',
        ...env,
      },
    });
    let output = '';
    const ended = new Promise<number | null>((done) => child.once('close', (code) => done(code)));
    const ready = new Promise<void>((done) => {
      const read = (data: Buffer) => {
        output += data.toString();
        if (output.includes('worker ready')) done();
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
    });
    const worker: WorkerChild = {
      process: child,
      output: () => output,
      ended,
      end(signal) {
        child.kill(signal);
        return ended;
      },
    };
    // Before it is ready: one that never is must be ended too.
    this.workers.push(worker);
    await Promise.race([ready, ended]);
    return worker;
  }

  /** The first quote is stored before the others: a recording has one symbol, the invented market five. */
  private get quotedSymbols(): number {
    return (this.simulatorEnv['SIMULATOR_BARS'] ?? '') === '' ? 5 : 1;
  }

  /** Waits for a reconciliation that began after now: from then the gate lets orders through. */
  async reconciled(limitMs = 60_000): Promise<void> {
    const { rows } = await this.pool.query<{ now: Date }>('SELECT clock_timestamp() AS now');
    const since = rows[0]?.now;
    await this.until(
      'a reconciliation, and quotes and features of every symbol',
      async () => {
        const found = await this.pool.query(
          `SELECT 1 FROM accounts a, market_clock c WHERE a.reconciled_at > $1 AND c.observed_at > $1
             AND (SELECT count(*) FROM quotes) >= $2
             AND NOT EXISTS (SELECT 1 FROM quotes q WHERE NOT EXISTS (SELECT 1 FROM features f WHERE f.symbol = q.symbol))`,
          [since, this.quotedSymbols],
        );
        return found.rowCount === 1;
      },
      limitMs,
    );
  }

  /** Asks again every 50 ms until `holds`, at most `limitMs`. */
  async until(what: string, holds: () => Promise<boolean>, limitMs = 45_000): Promise<void> {
    const endMs = performance.now() + limitMs;
    while (!(await holds())) {
      if (performance.now() > endMs) {
        throw new Error(`waited ${limitMs} ms for ${what}\n${this.workers.map((each) => each.output()).join('\n')}`);
      }
      await new Promise((wake) => setTimeout(wake, 50));
    }
  }

  /** Waits until a query returns no row; past the limit, the error lists the rows that were still there. */
  async untilNone(what: string, sql: string, limitMs?: number): Promise<void> {
    let left: readonly unknown[] = [];
    const none = async () => {
      ({ rows: left } = await this.pool.query(sql));
      return left.length === 0;
    };
    await this.until(what, none, limitMs).catch((error: unknown) => {
      throw new Error(`still there: ${JSON.stringify(left)}`, { cause: error });
    });
  }

  /** Stores a signal of a strategy and places an order of it through the gate. */
  async place(options: PlaceOptions = {}): Promise<PlacementFacts> {
    const { symbol = 'AAPL', side = 'BUY', qty = '1', limitPrice, stopLoss } = options;
    const signalId = randomUUID();
    await this.pool.query(
      `INSERT INTO signals (id, source, strategy, symbol, action, confidence, size_pct, principal_id, created_at, expires_at)
       VALUES ($1, 'STRATEGY', 'test', $2, $3, 0.8, 0.01, $4, now(), now() + interval '10 minutes')`,
      [signalId, symbol, side, SYSTEM_PRINCIPAL_ID],
    );
    const placement = await this.commands.placeOrder(TESTER, signalId, {
      signal_id: signalId,
      symbol,
      side,
      qty,
      order_type: limitPrice === undefined ? 'MARKET' : 'LIMIT',
      ...(limitPrice === undefined ? {} : { limit_price: limitPrice }),
      time_in_force: 'DAY',
      ...(stopLoss === undefined ? {} : { stop_loss: { stop_price: stopLoss } }),
    });
    return factsOf(placement);
  }

  async status(orderId: string): Promise<string> {
    const { rows } = await this.pool.query<{ status: string }>('SELECT status FROM orders WHERE id = $1', [orderId]);
    return rows[0]?.status ?? 'none';
  }

  async timeline(orderId: string): Promise<string[]> {
    const { rows } = await this.pool.query<{ type: string }>(
      'SELECT type FROM execution_events WHERE order_id = $1 ORDER BY id',
      [orderId],
    );
    return rows.map(({ type }) => type);
  }

  async topics(subject: string): Promise<string[]> {
    const { rows } = await this.pool.query<{ topic: string }>(
      'SELECT topic FROM outbox WHERE subject = $1 ORDER BY seq',
      [subject],
    );
    return rows.map(({ topic }) => topic);
  }

  /** A request to the simulator, with keys. */
  async sim<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.simulator.url}${path}`, {
      method,
      headers: {
        'APCA-API-KEY-ID': KEY_ID,
        'APCA-API-SECRET-KEY': SECRET_KEY,
        'content-type': 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return text === '' ? JSON.parse('null') : JSON.parse(text);
  }

  /** Orders at the broker that bear our id. */
  async brokerOrders(): Promise<{ client_order_id: string; status: string; filled_qty: string }[]> {
    return this.sim('GET', '/v2/orders?status=all&limit=500');
  }

  /** Kills the simulator and starts it again at the same address, on the same journal. */
  async restartSimulator(): Promise<void> {
    await this.simulator.end('SIGKILL');
    simulatorFile ??= bundleSimulator();
    const env = { ...this.simulatorEnv, SIMULATOR_PORT: new URL(this.simulator.url).port };
    this.simulator = await startChild(await simulatorFile, env);
  }

  /** Ends every worker that runs. */
  async endWorkers(signal: NodeJS.Signals): Promise<void> {
    await Promise.all(this.workers.filter((each) => each.process.exitCode === null).map((each) => each.end(signal)));
  }

  async stop(): Promise<void> {
    await this.endWorkers('SIGKILL');
    await this.simulator.end('SIGKILL');
    await this.pool.end();
    await this.control.end();
    await this.dropDatabase();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface AccountBooks {
  readonly cash: string;
  readonly positions: Record<string, string>;
}

/** What our books and the simulator's journal say of the account, side by side. Quantities and cash as plain decimals. */
export async function bothSides(stack: Stack): Promise<{ ours: AccountBooks; theirs: AccountBooks }> {
  const [ours, theirs] = await Promise.all([ourBooks(stack), theirBooks(stack)]);
  return { ours, theirs };
}

/** What the simulator's journal says. */
export async function theirBooks(stack: Stack): Promise<AccountBooks> {
  const { cash, positions } = await stack.sim<AccountBooks>('GET', '/sim/v1/state');
  return { cash, positions: sorted(Object.entries(positions)) };
}

/** @throws Error when our fills do not sum to our positions */
export async function ourBooks(stack: Stack): Promise<AccountBooks> {
  const cash = await stack.pool.query<{ cash: string }>(
    `SELECT trim_scale(sum(amount))::text AS cash FROM ledger_postings WHERE account = 'CASH'`,
  );
  const held = await stack.pool.query<{ symbol: string; qty: string }>(
    `SELECT p.symbol, trim_scale(p.qty)::text AS qty FROM positions p WHERE p.qty <> 0`,
  );
  const fills = await stack.pool.query<{ symbol: string; qty: string }>(
    `SELECT symbol, trim_scale(sum(CASE side WHEN 'BUY' THEN qty ELSE -qty END))::text AS qty FROM fills WHERE NOT busted GROUP BY symbol`,
  );
  const bySymbol = (rows: { symbol: string; qty: string }[]) => sorted(rows.map(({ symbol, qty }) => [symbol, qty]));
  const positions = bySymbol(held.rows);
  if (JSON.stringify(bySymbol(fills.rows)) !== JSON.stringify(positions))
    throw new Error('fills do not sum to positions');
  return { cash: cash.rows[0]?.cash ?? '0', positions };
}

const sorted = (pairs: [string, string][]) =>
  Object.fromEntries(pairs.filter(([, qty]) => qty !== '0').sort(([a], [b]) => (a < b ? -1 : 1)));
