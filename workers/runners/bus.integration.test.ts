import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Engine, haveEngine } from '@/test-support/engines';
import { Stack } from '../testing/stack';

describe.runIf(haveEngine('nats-server') && haveEngine('redis-server'))('a worker with NATS and Redis', () => {
  let stack: Stack;
  let nats: Engine;
  let redis: Engine;

  beforeAll(async () => {
    [stack, nats, redis] = await Promise.all([
      Stack.start(),
      Engine.prepare('nats-server'),
      Engine.prepare('redis-server'),
    ]);
  });

  afterAll(async () => {
    await stack.stop();
    await Promise.all([nats.remove(), redis.remove()]);
  });

  const info = async (name: string): Promise<string> => {
    const { rows } = await stack.pool.query<{ text: string | null }>(
      'SELECT info->>$1 AS text FROM worker_heartbeats ORDER BY beat_at DESC LIMIT 1',
      [name],
    );
    return rows[0]?.text ?? '';
  };
  const says = (name: string, part: string) =>
    stack.until(`${name} to say ${part}`, async () => (await info(name)).includes(part));
  const filled = async () => {
    const { orderId, statusCode } = await stack.place();
    expect(statusCode).toBe(201);
    await stack.until('the fill', async () => (await stack.status(orderId)) === 'FILLED');
  };
  const caughtUp = () =>
    stack.until('all of it forwarded', async () => {
      const { rowCount } = await stack.pool.query(
        'SELECT 1 FROM bus_state WHERE forwarded = position AND position > 0',
      );
      return rowCount === 1;
    });

  test('starts and trades while both are down, uses them when they come, and trades on when they are killed and emptied', async () => {
    await stack.worker({ NATS_URL: nats.url, REDIS_URL: redis.url });
    await stack.reconciled();
    await filled();
    expect(await info('bus')).toContain('away');
    expect(await info('quoteStore')).toContain('away');

    await Promise.all([nats.start(), redis.start()]);
    await Promise.all([says('bus', 'connected'), says('quoteStore', 'connected')]);
    await caughtUp();
    await filled();

    await Promise.all([nats.end('SIGKILL'), redis.end('SIGKILL')]);
    nats.deleteStore();
    redis.deleteStore();
    await filled();
    await Promise.all([says('bus', 'away'), says('quoteStore', 'away')]);

    await Promise.all([nats.start(), redis.start()]);
    await Promise.all([says('bus', 'connected'), says('quoteStore', 'connected')]);
    await filled();
    await caughtUp();
    const { rows } = await stack.pool.query('SELECT replaced FROM bus_state');
    expect(rows).toEqual([{ replaced: 1 }]);
  }, 90_000);
});
