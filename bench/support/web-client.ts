import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';
import { createToken } from '@/server/auth/tokens';
import { orderBody } from './orders';
import type { NewSignal, TradingData } from './trading-data';

/** Clients of `POST /v1/orders` on kept connections. */
export class WebClient {
  private readonly pool: Pool;

  private constructor(
    private readonly url: string,
    private readonly token: string,
  ) {
    this.pool = new Pool(url, { connections: 32, pipelining: 1 });
  }

  /** Makes a user and a token that may place orders. */
  static async create(url: string, data: TradingData): Promise<WebClient> {
    const { token, tokenHash, prefix } = createToken();
    const userId = randomUUID();
    await data.pool.query(
      `INSERT INTO users (id, email, name, role, password_hash) VALUES ($1, 'bench@countersign.local', 'bench', 'OPERATOR', '')`,
      [userId],
    );
    await data.pool.query(
      `INSERT INTO api_tokens (id, user_id, name, token_hash, prefix, scopes) VALUES ($1, $2, 'bench', $3, $4, '{orders:write}')`,
      [randomUUID(), userId, tokenHash, prefix],
    );
    return new WebClient(url, token);
  }

  /** Places one order for each signal, with so many clients at once. @returns each one's latency, ms */
  async placeAll(signals: readonly NewSignal[], clients: number): Promise<number[]> {
    let next = 0;
    const latencies: number[] = [];
    const client = async () => {
      for (let signal = signals[next++]; signal !== undefined; signal = signals[next++]) {
        const started = performance.now();
        await this.place(signal);
        latencies.push(performance.now() - started);
      }
    };
    await Promise.all(Array.from({ length: clients }, client));
    return latencies;
  }

  private async place(signal: NewSignal): Promise<void> {
    const { statusCode, body } = await this.pool.request({
      method: 'POST',
      path: '/v1/orders',
      headers: {
        authorization: `Bearer ${this.token}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      },
      body: JSON.stringify(orderBody(signal)),
    });
    const text = await body.text();
    if (statusCode !== 201) throw new Error(`${this.url} answered an order with ${statusCode}: ${text}`);
  }

  async close(): Promise<void> {
    await this.pool.close();
  }
}
