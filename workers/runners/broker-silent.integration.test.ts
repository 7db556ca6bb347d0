import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { BadBroker } from '../testing/bad-broker';

/** A broker, or its stream, that says nothing: noticed, asked less, and found again. */
let bad: BadBroker;

beforeAll(async () => {
  bad = await BadBroker.start();
  await bad.stack.worker();
  await bad.stack.reconciled();
}, 180_000);

afterEach(() => bad.mend());

afterAll(() => bad.stack.stop());

test('a broker that does not answer is asked less and less, and is found again', { timeout: 180_000 }, async () => {
  await bad.fault({ hang_ms: 60_000 });
  await bad.says('UNREACHABLE', 'no answer within');
  await bad.stack.until('the breaker to open', async () => (await bad.health())?.breaker !== 'CLOSED', 40_000);
  await bad.mend();
  await bad.allWell();
  expect((await bad.health())?.breaker).toBe('CLOSED');
});

test('a stream that dies without closing is noticed within 20 s and connected again', {
  timeout: 180_000,
}, async () => {
  await bad.fault({ silence_stream: 'dead' });
  const sinceMs = performance.now();
  await bad.stack.until('the loss', async () => (await bad.health())?.stream === 'DISCONNECTED', 22_000);
  expect(performance.now() - sinceMs).toBeLessThan(20_000);
  const id = await bad.place('SPY');
  await bad.says('SILENT_STREAM', 'the stream of trade updates is away');
  await bad.settled(id, 'FILLED');
  await bad.mend();
  await bad.allWell();
  expect((await bad.health())?.stream).toBe('CONNECTED');
});

test('a stream that answers pings and tells nothing is noticed by the first order', {
  timeout: 180_000,
}, async () => {
  await bad.fault({ silence_stream: 'pong' });
  const id = await bad.place('SPY');
  await bad.says('SILENT_STREAM', 'is connected but tells nothing');
  await bad.settled(id, 'FILLED');
  await bad.mend();
  await bad.settled(await bad.place('SPY'), 'FILLED');
  await bad.allWell();
});
