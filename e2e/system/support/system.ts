import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTokenAdmin } from '@/server/adapters/postgres/access/tokens';
import { createUserAdmin } from '@/server/adapters/postgres/access/users';
import { createPrisma } from '@/server/adapters/postgres/prisma';
import { hashPassword } from '@/server/auth/passwords';
import { createToken } from '@/server/auth/tokens';
import { SCOPES } from '@/server/contracts/access';
import type { PolicyRequest } from '@/server/contracts/policy';
import type { Side } from '@/server/kernel/vocabulary';
import { type ConsoleClient, signIn } from '@/test-support/console-client';
import { startWeb, type WebProcess } from '@/test-support/web';
import { Stack } from '@/workers/testing/stack';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body. */
  readonly body: Record<string, unknown>;
}

export interface OrderFields {
  readonly signal_id: string;
  readonly symbol?: string;
  readonly side?: Side;
  readonly qty?: string;
  readonly limit_price?: string;
}

export interface SystemOptions {
  /** Settings of the simulator. */
  readonly simulator?: Readonly<Record<string, string>>;
  /** How many web processes. */
  readonly webs?: number;
}

export const ADMIN = { email: 'admin@example.com', password: 'correct horse battery staple' };

/** A whole system of processes: the database, the simulator, web processes, and as many workers as a test starts. */
export class System {
  private constructor(
    readonly stack: Stack,
    readonly webs: readonly WebProcess[],
    private readonly token: string,
    /** The simulator's data folder: its journal and request log are in its folder `simulator`. */
    readonly simulatorFolder: string,
  ) {}

  static async start({ simulator = {}, webs = 1 }: SystemOptions = {}): Promise<System> {
    const folder = mkdtempSync(path.join(tmpdir(), 'countersign-system-'));
    const stack = await Stack.start({ DATA_DIR: folder, ...simulator });
    try {
      const token = await addAdmin(stack.databaseUrl);
      const started = await Promise.all(Array.from({ length: webs }, () => startWeb(stack.databaseUrl)));
      return new System(stack, started, token, folder);
    } catch (error) {
      await stack.stop();
      throw error;
    }
  }

  web(index = 0): WebProcess {
    const web = this.webs[index];
    if (web === undefined) throw new Error(`there is no web process ${index}`);
    return web;
  }

  /** A request to the REST API with the token. @throws TypeError when the connection breaks */
  async call(
    method: string,
    path: string,
    options: { body?: unknown; headers?: Record<string, string>; web?: WebProcess } = {},
  ): Promise<Answer> {
    const { body, headers = {}, web = this.web() } = options;
    const response = await fetch(`${web.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: JSON.parse(text) };
  }

  /** Registers a candidate as a client does, stating a perfect world. @returns its signal id */
  async signal(overrides: Partial<PolicyRequest> = {}): Promise<string> {
    const signalId = randomUUID();
    const answer = await this.evaluate({ signal_id: signalId, ...overrides });
    if (answer.status !== 200) throw new Error(`evaluate: ${answer.text}`);
    return signalId;
  }

  evaluate(overrides: Partial<PolicyRequest>): Promise<Answer> {
    return this.call('POST', '/v1/policy/evaluate', { body: statedRequest(overrides) });
  }

  /** Places an order: MARKET for one share unless said otherwise. */
  place(order: OrderFields, options: { key?: string; web?: WebProcess } = {}): Promise<Answer> {
    const { key = randomUUID(), web = this.web() } = options;
    const body = { symbol: 'AAPL', side: 'BUY', qty: '1', ...order, order_type: 'MARKET' };
    const limited = order.limit_price === undefined ? body : { ...body, order_type: 'LIMIT' };
    return this.call('POST', '/v1/orders', { body: limited, headers: { 'idempotency-key': key }, web });
  }

  /** An administrator's console. */
  console(web = this.web()): Promise<ConsoleClient> {
    return signIn(web.url, ADMIN.email, ADMIN.password);
  }

  /** The first value of the first row. */
  async scalar(sql: string, values: readonly unknown[] = []): Promise<string> {
    const { rows } = await this.stack.pool.query<Record<string, unknown>>(sql, [...values]);
    return String(Object.values(rows[0] ?? {})[0]);
  }

  /** Limit prices that rest: half a percent away from the market. */
  async restingPrices(): Promise<ReadonlyMap<string, string>> {
    const { rows } = await this.stack.pool.query<{ symbol: string; price: string }>(
      `SELECT symbol, trim_scale(round(bid * 0.995, 2))::text AS price FROM quotes ORDER BY symbol`,
    );
    return new Map(rows.map(({ symbol, price }) => [symbol, price]));
  }

  async stop(): Promise<void> {
    await Promise.all(this.webs.map((web) => web.end('SIGKILL')));
    await this.stack.stop();
    rmSync(this.simulatorFolder, { recursive: true, force: true });
  }
}

function statedRequest(overrides: Partial<PolicyRequest>): Partial<PolicyRequest> {
  return {
    signal_id: randomUUID(),
    symbol: 'AAPL',
    candidate_action: 'BUY',
    confidence: 0.71,
    size_pct: 0.02,
    market_context: { data_age_seconds: 1, market_open: true, event_blackout_active: false },
    portfolio_context: { gross_exposure_pct: 0, daily_drawdown_pct: 0 },
    ...overrides,
  };
}

/** The administrator and a token of theirs with every scope. @returns the token */
async function addAdmin(databaseUrl: string): Promise<string> {
  const db = createPrisma(databaseUrl);
  try {
    const { token, tokenHash, prefix } = createToken();
    const userId = randomUUID();
    const passwordHash = await hashPassword(ADMIN.password);
    await createUserAdmin(db).add(
      { id: userId, email: ADMIN.email, name: 'Admin', role: 'ADMIN', passwordHash },
      'test',
    );
    const grant = {
      id: randomUUID(),
      userId,
      name: 'client',
      tokenHash,
      prefix,
      scopes: SCOPES,
      bot: {},
      expiresAt: null,
    };
    await createTokenAdmin(db).create(grant, 'test');
    return token;
  } finally {
    await db.$disconnect();
  }
}
