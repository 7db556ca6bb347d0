import { expect, test } from 'vitest';
import { type EngineWatch, watchEngines } from './engine-watch';
import { ROLES } from './role';

interface Look {
  /** Why NATS and Redis are away; empty while they are connected. */
  readonly nats: string;
  readonly redis: string;
}

const state = (fault: string) => (fault === '' ? ('connected' as const) : ('away' as const));

/** Looks once a second of its own clock, at each of these in turn; then it stops. */
async function watch(looks: readonly Look[], used = true): Promise<readonly string[]> {
  const alerts: string[] = [];
  const controller = new AbortController();
  let n = 0;
  const now = () => looks[n] ?? { nats: '', redis: '' };
  const parts: EngineWatch['parts'] = {
    bus: {
      engine: used ? 'nats' : 'postgres',
      health: () => ({ state: state(now().nats), fault: now().nats, behind: null, replaced: 0 }),
    },
    quotes: {
      health: () => ({
        engine: used ? 'redis' : 'postgres',
        state: state(now().redis),
        fault: now().redis,
        stored: 0,
        skipped: 0,
      }),
    },
    alerts: {
      open: async (kind, subject, message) => alerts.push(`${n} s: open ${kind} ${subject}: ${message}`) > 0,
      resolve: async (kind, subject) => alerts.push(`${n} s: resolve ${kind} ${subject}`) > 0,
    },
    clock: {
      nowMs: () => n * 1_000,
      async sleep() {
        n += 1;
        if (n >= looks.length) controller.abort();
      },
    },
  };
  await watchEngines({ parts, log: { debug: () => undefined }, signal: controller.signal }, ROLES);
  return alerts;
}

const times = (count: number, look: Look) => Array.from({ length: count }, () => look);
const WELL = { nats: '', redis: '' };

test('an engine that does not answer for 5 s has an alert with the reason, which ends when it answers', async () => {
  const alerts = await watch([WELL, ...times(7, { nats: 'ECONNREFUSED 127.0.0.1:4222', redis: '' }), WELL]);
  expect(alerts).toEqual([
    '0 s: resolve ENGINE NATS',
    '0 s: resolve ENGINE Redis',
    '6 s: open ENGINE NATS: NATS does not answer (ECONNREFUSED 127.0.0.1:4222): events are read from Postgres meanwhile; check NATS_URL and the server',
    '8 s: resolve ENGINE NATS',
  ]);
});

test('another reason takes the place of the first; a reconnection of a moment is none', async () => {
  const alerts = await watch([
    ...times(6, { nats: '', redis: 'ECONNREFUSED' }),
    { nats: 'the connection was lost', redis: 'WRONGPASS' },
    WELL,
  ]);
  expect(alerts.slice(1)).toEqual([
    '5 s: open ENGINE Redis: Redis does not answer (ECONNREFUSED): quotes are read from Postgres meanwhile; check REDIS_URL and the server',
    '6 s: open ENGINE Redis: Redis does not answer (WRONGPASS): quotes are read from Postgres meanwhile; check REDIS_URL and the server',
    '7 s: resolve ENGINE Redis',
  ]);
});

test('an alert of an engine that is no longer used is closed', async () => {
  expect(await watch([WELL], false)).toEqual(['0 s: resolve ENGINE NATS', '0 s: resolve ENGINE Redis']);
});
