import { beforeEach, expect, test } from 'vitest';
import { WorkerWatch } from './worker-watch';

let elapsedMs: number;
let beatAgeMs: number | null;
let alerts: string[];
let watch: WorkerWatch;

beforeEach(() => {
  elapsedMs = 100_000;
  beatAgeMs = 500;
  alerts = [];
  watch = new WorkerWatch({
    elapsedMs: () => elapsedMs,
    store: { signs: async () => ({ beatAgeMs, working: 0 }) },
    alerts: {
      open: async (kind, _subject, message) => alerts.push(`${kind}: ${message}`) > 0,
      resolve: async (kind) => alerts.push(`resolve ${kind}`) > 0,
    },
  });
});

/** Looks once, `ms` after the last look. */
async function look(ms: number) {
  elapsedMs += ms;
  await watch.check();
}

test('a worker that beats resolves an alert of before, once', async () => {
  await look(0);
  await look(2_000);
  expect(alerts).toEqual(['resolve WORKER']);
});

test('a worker that hangs is an alert from 15 s on, with how long, until it beats again', async () => {
  await look(0);
  beatAgeMs = 15_000;
  await look(15_000);
  beatAgeMs = 17_000;
  await look(2_000);
  beatAgeMs = 100;
  await look(2_000);
  expect(alerts).toEqual(['resolve WORKER', 'WORKER: The worker has sent no heartbeat for 17 s.', 'resolve WORKER']);
});

test('one look at an old heartbeat is no alert: the database may have been away', async () => {
  await look(0);
  beatAgeMs = 60_000;
  await look(60_000);
  beatAgeMs = 100;
  await look(2_000);
  expect(alerts).toEqual(['resolve WORKER']);
});

test('a worker that never beat has as long as one that stopped', async () => {
  beatAgeMs = null;
  await look(14_000);
  await look(2_000);
  await look(2_000);
  expect(alerts).toEqual(['resolve WORKER', 'WORKER: The worker has sent no heartbeat for 18 s.']);
});
