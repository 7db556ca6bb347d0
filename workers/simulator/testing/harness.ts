import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig, type SimulatorConfig } from '../config';
import { type RunningSimulator, startSimulator } from '../simulator';

export const KEY_ID = 'test-key';
export const SECRET_KEY = 'test-secret';

/** Any JSON object, for assertions on answers. */
export type Json = Record<string, unknown>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body; undefined when there is none. */
  readonly body: unknown;
}

/** Settings of a test simulator: synthetic prices that stand still unless a test moves them. */
export function testEnvironment(dataDir: string, overrides: Record<string, string> = {}): Record<string, string> {
  return {
    BROKER_KEY_ID: KEY_ID,
    BROKER_SECRET_KEY: SECRET_KEY,
    DATA_DIR: dataDir,
    SIMULATOR_PORT: '0',
    SIMULATOR_FAULTS: '1',
    SIMULATOR_QUOTE_MS: '86400000',
    ...overrides,
  };
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'countersign-simulator-'));
}

export async function call(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { 'APCA-API-KEY-ID': KEY_ID, 'APCA-API-SECRET-KEY': SECRET_KEY, ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
}

/** A simulator in this process, on its own folder, which can be stopped and started again. */
export class TestSimulator {
  readonly folder = temporaryFolder();
  private readonly overrides: Record<string, string>;
  private running: RunningSimulator | null = null;

  private constructor(overrides: Record<string, string>) {
    this.overrides = overrides;
  }

  static async start(overrides: Record<string, string> = {}): Promise<TestSimulator> {
    const simulator = new TestSimulator(overrides);
    await simulator.start();
    return simulator;
  }

  get url(): string {
    if (this.running === null) throw new Error('the simulator is not running');
    return this.running.url;
  }

  get notes(): readonly string[] {
    return this.running?.notes ?? [];
  }

  config(): SimulatorConfig {
    return readConfig(testEnvironment(this.folder, this.overrides), 'test');
  }

  async start(): Promise<void> {
    this.running = await startSimulator(this.config(), (error) => {
      throw error;
    });
  }

  async stop(): Promise<void> {
    await this.running?.close();
    this.running = null;
  }

  /** Stops and removes the folder. */
  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> {
    return call(this.url, method, path, body, headers);
  }

  /** The body of a call that must succeed. */
  async json(method: string, path: string, body?: unknown): Promise<Json> {
    const answer = await this.call(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return asJson(answer.body);
  }

  async list(path: string): Promise<Json[]> {
    const answer = await this.call('GET', path);
    if (!Array.isArray(answer.body)) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body.map(asJson);
  }

  /** Holds a symbol's price. */
  quote(symbol: string, bid: string, ask: string, bidSize = '1000', askSize = '1000'): Promise<Json> {
    return this.json('POST', '/sim/v1/control', { quote: { symbol, bid, ask, bid_size: bidSize, ask_size: askSize } });
  }

  order(fields: Json): Promise<Json> {
    return this.json('POST', '/v2/orders', {
      symbol: 'AAPL',
      side: 'buy',
      type: 'market',
      time_in_force: 'day',
      qty: '10',
      ...fields,
    });
  }

  getOrder(id: unknown): Promise<Json> {
    return this.json('GET', `/v2/orders/${String(id)}`);
  }
}

export function asJson(value: unknown): Json {
  if (typeof value !== 'object' || value === null) throw new Error(`not an object: ${JSON.stringify(value)}`);
  return { ...value };
}
