import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { createTokenAdmin } from '@/server/adapters/postgres/access/tokens';
import { createUserAdmin } from '@/server/adapters/postgres/access/users';
import { createPrisma } from '@/server/adapters/postgres/prisma';
import { createToken } from '@/server/auth/tokens';
import { readEnv } from '@/server/composition/env';
import { composeGateway } from '@/server/composition/gateway';
import { SCOPES, type Scope } from '@/server/contracts/access';
import type { BotSettings } from '@/server/contracts/bots';
import type { Stack } from '@/workers/testing/stack';
import { startGateway } from '../server';

export interface BotKeys {
  readonly tokenId: string;
  readonly keyId: string;
  readonly secret: string;
}

export interface GatewayAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body; null where there is none. */
  readonly body: Record<string, unknown>;
}

/** A user with tokens, and a gateway in this process over the database of a stack. */
export class TestGateway {
  private constructor(
    readonly url: string,
    private readonly userId: string,
    private readonly databaseUrl: string,
    readonly close: () => Promise<void>,
  ) {}

  static async start(stack: Pick<Stack, 'databaseUrl' | 'folder'>): Promise<TestGateway> {
    const { databaseUrl, folder } = stack;
    const services = composeGateway(
      readEnv({ DATABASE_URL: databaseUrl, DATA_DIR: folder, PORT: '3000' }),
      pino({ level: 'silent' }),
    );
    const gateway = await startGateway(services, { host: '127.0.0.1', port: 0, tls: null });
    const userId = randomUUID();
    const db = createPrisma(databaseUrl);
    const user = { email: `${userId}@example.com`, name: 'Maria', role: 'OPERATOR', passwordHash: 'x' } as const;
    await createUserAdmin(db).add({ id: userId, ...user }, 'test');
    await db.$disconnect();
    return new TestGateway(`http://127.0.0.1:${gateway.port}`, userId, databaseUrl, async () => {
      await gateway.close();
      await services.close();
    });
  }

  /** A token of the user. */
  async bot(name: string, bot: BotSettings = {}, scopes: readonly Scope[] = SCOPES): Promise<BotKeys> {
    const db = createPrisma(this.databaseUrl);
    try {
      const { token, tokenHash, prefix } = createToken();
      const id = randomUUID();
      const grant = { id, userId: this.userId, name, tokenHash, prefix, scopes, bot, expiresAt: null };
      await createTokenAdmin(db).create(grant, 'test');
      return { tokenId: id, keyId: prefix, secret: token };
    } finally {
      await db.$disconnect();
    }
  }

  async revoke({ tokenId }: BotKeys): Promise<void> {
    const db = createPrisma(this.databaseUrl);
    await createTokenAdmin(db).revoke(tokenId, 'test');
    await db.$disconnect();
  }

  async call(keys: BotKeys, method: string, path: string, body?: unknown): Promise<GatewayAnswer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { 'APCA-API-KEY-ID': keys.keyId, 'APCA-API-SECRET-KEY': keys.secret },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
  }

  /** A market buy of one share of AAPL unless said otherwise. */
  order(keys: BotKeys, fields: Readonly<Record<string, unknown>> = {}): Promise<GatewayAnswer> {
    const order = { symbol: 'AAPL', qty: '1', side: 'buy', type: 'market', time_in_force: 'day', ...fields };
    return this.call(keys, 'POST', '/v2/orders', order);
  }
}
