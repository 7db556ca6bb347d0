import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SYSTEM_PRINCIPAL_ID } from '@/server/kernel/actor';
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
    const { orderId, kind } = await stack.place();
    expect(kind).toBe('PLACED');
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
  }, 180_000);
});

describe.runIf(haveEngine('nats-server')).each(['postgres', 'nats'])(
  'bars reach the strategies through %s',
  (engine) => {
    const MINUTE_MS = 60_000;
    const SYMBOL = 'ZZBAR';
    /** What is proposed at a bar of long ago is too late to trade on. */
    const FIRST_MS = Math.floor(Date.now() / MINUTE_MS - 45) * MINUTE_MS;
    let stack: Stack;
    let nats: Engine;
    const env: Record<string, string> = { STRATEGIES: 'donchian-breakout' };

    beforeAll(async () => {
      [stack, nats] = await Promise.all([Stack.start(), Engine.prepare('nats-server')]);
      if (engine === 'nats') {
        await nats.start();
        env['NATS_URL'] = nats.url;
      }
    });

    afterAll(async () => {
      await stack.stop();
      await nats.remove();
    });

    /** Closes a bar at the price, as ingest does: with its event, in one statement. */
    async function closeBar(minute: number, price: string, announced: boolean): Promise<void> {
      await stack.pool.query(
        `WITH bar AS (INSERT INTO bars (symbol, start_at, open, high, low, close, volume) VALUES ($1, to_timestamp($2::float8 / 1000), $3, $3, $3, $3, 100))
       INSERT INTO outbox (id, topic, subject, data) SELECT gen_random_uuid(), 'market.bar.closed', $1,
         jsonb_build_object('symbol', $1::text, 'start_at', to_timestamp($2::float8 / 1000)) WHERE $4`,
        [SYMBOL, FIRST_MS + minute * MINUTE_MS, price, announced],
      );
    }
    const actions = async () => {
      const { rows } = await stack.pool.query<{ action: string }>(
        'SELECT action FROM signals WHERE symbol = $1 ORDER BY created_at',
        [SYMBOL],
      );
      return rows.map(({ action }) => action);
    };

    test('a bar that closed while the worker was dead is acted on when it is back, and none is acted on twice', async () => {
      const worker = await stack.worker(env);
      await stack.reconciled();
      await stack.until('the consumer', async () => {
        const { rowCount } = await stack.pool.query(`SELECT 1 FROM bus_cursors WHERE consumer = 'pipeline'`);
        return rowCount === 8;
      });
      for (let minute = 0; minute < 40; minute++) await closeBar(minute, '100', false);
      await closeBar(40, '101', true);
      await stack.until('the breakout', async () => (await actions()).join() === 'BUY');
      await worker.end('SIGKILL');
      await closeBar(41, '90', true);
      await stack.worker(env);
      await stack.until('the breakdown', async () => (await actions()).join() === 'BUY,SELL', 40_000);
      await stack.until('both to count as handled', async () => {
        const { rowCount } = await stack.pool.query(
          `SELECT 1 FROM inbox i JOIN outbox o ON o.id = i.event_id WHERE i.consumer = 'pipeline' AND o.subject = $1`,
          [SYMBOL],
        );
        return rowCount === 2;
      });
      expect(await actions()).toEqual(['BUY', 'SELL']);
    }, 180_000);

    test('a signal that was stored by a process that died before placing it is placed by another', async () => {
      const signalId = randomUUID();
      await stack.pool.query(
        `WITH s AS (INSERT INTO signals (id, source, strategy, symbol, action, confidence, size_pct, principal_id, created_at, expires_at)
           VALUES ($1, 'STRATEGY', 'donchian-breakout', $2, 'BUY', 0.71, 0.02, $3, clock_timestamp(), clock_timestamp() + interval '5 minutes'))
         INSERT INTO signal_tasks (signal_id, symbol, claimed_by, claimed_until) VALUES ($1, $2, 'the dead', clock_timestamp() + interval '1 second')`,
        [signalId, SYMBOL, SYSTEM_PRINCIPAL_ID],
      );
      await stack.until('its end', async () => {
        const { rows } = await stack.pool.query<{ outcome: string | null }>(
          'SELECT outcome FROM signal_tasks WHERE signal_id = $1',
          [signalId],
        );
        return rows[0]?.outcome === 'REJECTED';
      });
    }, 180_000);
  },
);
