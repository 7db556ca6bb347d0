import { expect, test } from 'vitest';
import type { BrokerHealth } from '@/server/application/ports/broker';
import { watchBroker } from './broker-watch';
import { ROLES, type WorkerStatus } from './role';

const WELL: BrokerHealth = {
  state: 'OK',
  sinceMs: 0,
  detail: '',
  breaker: 'CLOSED',
  tokensLeft: null,
  requestsUsed: 0,
  requestsPerMinute: 0,
  stream: 'CONNECTED',
  clockSkewMs: 0,
  lastCallMs: 0,
};

/** Looks once a second of its own clock, at each of these in turn; then it stops. */
async function watch(looks: readonly Partial<BrokerHealth>[]): Promise<{ alerts: string[]; status: WorkerStatus }> {
  const alerts: string[] = [];
  const status: WorkerStatus = {};
  const controller = new AbortController();
  let n = 0;
  const parts = {
    brokerHealth: () => ({ ...WELL, lastCallMs: n * 1_000, ...looks[n] }),
    alerts: {
      open: async (kind: string, subject: string, message: string) => {
        alerts.push(`open ${kind} ${subject}: ${message}`);
        return true;
      },
      resolve: async (kind: string, subject: string) => {
        alerts.push(`resolve ${kind} ${subject}`);
        return true;
      },
    },
    clock: {
      nowMs: () => n * 1_000,
      newId: () => '',
      async sleep() {
        n += 1;
        if (n >= looks.length) controller.abort();
      },
    },
  };
  const log = { debug: () => undefined, warn: () => undefined };
  await watchBroker({ parts, log, status, signal: controller.signal }, ROLES);
  return { alerts, status };
}

test('a fault opens the alert once, another takes its place, and it is closed when all is well', async () => {
  const keys = { state: 'KEYS_REFUSED', detail: 'the keys' } as const;
  const { alerts, status } = await watch([{}, keys, keys, { state: 'UNREACHABLE', detail: 'no answer' }, {}, {}]);
  expect(alerts).toEqual([
    'resolve BROKER broker',
    'open BROKER broker: the keys',
    'open BROKER broker: no answer',
    'resolve BROKER broker',
  ]);
  expect(status['brokerHealth']).toMatchObject({ state: 'OK' });
});

test('a process that only stands by leaves the alert to the one that acts', async () => {
  const { alerts } = await watch([{ lastCallMs: null }, { lastCallMs: -20_000 }]);
  expect(alerts).toEqual([]);
});
