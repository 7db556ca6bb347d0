import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { tradingStateBodySchema } from '@/server/contracts/trading-state';
import { expectBooksEqual, requestLog } from './support/books';
import { figures } from './support/figures';
import { ADMIN, System } from './support/system';

const WORKING = 20;
const CLIENTS = 20;
const HANG_MS = 30_000;
const SYMBOLS = ['AAPL', 'MSFT', 'NVDA', 'AMZN', 'SPY'];

const openOrdersSchema = z.array(z.object({ client_order_id: z.string(), status: z.string() }));

const codesSchema = z.array(z.object({ code: z.string() }));

let system: System;

beforeAll(async () => {
  system = await System.start({ webs: 2 });
  await system.stack.worker();
  await system.stack.reconciled();
});

afterAll(async () => {
  await system.stop();
});

const symbolOf = (n: number) => SYMBOLS[n % SYMBOLS.length] ?? 'AAPL';
const isPost = ({ method, path }: { method: string; path: string }) => method === 'POST' && path === '/v2/orders';

async function placeResting(n: number, prices: ReadonlyMap<string, string>) {
  const symbol = symbolOf(n);
  const limit_price = prices.get(symbol) ?? '1';
  const signal_id = await system.signal({ symbol });
  return system.place({ signal_id, symbol, limit_price }, { web: system.web(n % 2) });
}

/** Clients that place one order after the other until they are stopped; they tell when each was answered, and how. */
function startClients(prices: ReadonlyMap<string, string>) {
  const answers: { status: number; codes: string[] }[] = [];
  let going = true;
  const client = async (n: number) => {
    while (going) {
      const { status, body } = await placeResting(n, prices);
      answers.push({ status, codes: codesSchema.parse(body['reasons'] ?? []).map(({ code }) => code) });
      // A breath between two orders: twenty that never pause would measure the machine, not the halt.
      await new Promise((wake) => setTimeout(wake, status === 201 ? 25 : 100));
    }
  };
  const running = Promise.all(Array.from({ length: CLIENTS }, (_, n) => client(n)));
  return {
    answers,
    async stop() {
      going = false;
      await running;
    },
  };
}

/** Asks the database until the halt is committed. @returns ms since `startedMs` */
async function untilHalted(startedMs: number): Promise<number> {
  while ((await system.scalar('SELECT state FROM trading_state')) !== 'HALTED')
    await new Promise((wake) => setTimeout(wake, 5));
  return performance.now() - startedMs;
}

const tradingState = async () => tradingStateBodySchema.parse((await system.call('GET', '/v1/trading-state')).body);

test('a halt under load while the broker hangs stops everything at once, and is verified only when nothing works', {
  timeout: 240_000,
}, async () => {
  const { stack } = system;
  const prices = await system.restingPrices();
  const resting = await Promise.all(Array.from({ length: WORKING }, (_, n) => placeResting(n, prices)));
  expect(resting.map(({ status }) => status)).toEqual(resting.map(() => 201));
  const accepted = `SELECT count(*) FROM orders WHERE status = 'ACCEPTED'`;
  await stack.until('20 working orders', async () => (await system.scalar(accepted)) === String(WORKING), 60_000);
  const admin = await system.console();

  const clients = startClients(prices);
  await stack.until('the clients to place', async () => clients.answers.length >= CLIENTS, 60_000);
  await stack.sim('PUT', '/sim/v1/faults', { hang_ms: HANG_MS, hang_effect: 'late', only: [' /v2/'] });
  const hangsSinceMs = performance.now();
  const hung = () => requestLog(system).filter((each) => isPost(each)).length;
  const before = hung();
  // Orders are now on their way and get no answer.
  await stack.until('a send that hangs', async () => hung() > before, 20_000);

  const [haltedMs, askedAt] = [performance.now(), Date.now()];
  const [answer, committedMs] = await Promise.all([
    system.call('POST', '/v1/trading-state', { body: { action: 'halt', reason: 'drill' } }),
    untilHalted(haltedMs),
  ]);
  const answeredMs = performance.now() - haltedMs;
  expect(committedMs).toBeLessThanOrEqual(1_000);
  expect([200, 202]).toContain(answer.status);
  await stack.until('the acknowledgement', async () => (await tradingState()).halt?.acknowledged_at != null, 20_000);
  const acknowledgedAt = Date.parse((await tradingState()).halt?.acknowledged_at ?? '');

  const hanging = hung() - before;
  const refused = await admin.trading.release.mutate({ reason: 'too early', password: ADMIN.password });
  expect(refused).toMatchObject({ ok: false, code: 'NOT_CLEAN' });

  // Every hung send takes effect, at the latest this long after it came in: until then nothing may be called verified.
  const lastSendAt = Math.max(
    ...requestLog(system)
      .filter(isPost)
      .map(({ received_at }) => Date.parse(received_at)),
  );
  await stack.until(
    'the last hung send to take effect',
    async () => {
      expect((await tradingState()).halt?.verified_at).toBeNull();
      return Date.now() > lastSendAt + HANG_MS + 500;
    },
    HANG_MS + 20_000,
  );
  await stack.sim('DELETE', '/sim/v1/faults');
  const hungMs = performance.now() - hangsSinceMs;
  let atVerification: unknown = null;
  await stack.until(
    'the verification',
    async () => {
      // What the broker shows right after we read "verified": asked in this order, so that nothing is missed.
      if ((await tradingState()).halt?.verified_at == null) return false;
      atVerification = await stack.sim('GET', '/v2/orders?status=open&limit=500');
      return true;
    },
    90_000,
  );
  expect(openOrdersSchema.parse(atVerification)).toEqual([]);
  const open = `SELECT count(*) FROM orders WHERE status IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED') OR 'SUBMIT_UNCERTAIN' = ANY (flags)`;
  expect(await system.scalar(open)).toBe('0');
  const halt = (await tradingState()).halt;
  await clients.stop();

  const log = requestLog(system).filter(isPost);
  expect(log.filter(({ received_at }) => Date.parse(received_at) > acknowledgedAt)).toEqual([]);
  const late = clients.answers.slice(-CLIENTS);
  for (const { status, codes } of late)
    expect([status, codes]).toEqual([422, expect.arrayContaining(['TRADING_HALTED'])]);

  let released: unknown = null;
  await stack.until('a clean reconciliation', async () => {
    const outcome = await admin.trading.release.mutate({ reason: 'drill over', password: ADMIN.password });
    released = outcome;
    return outcome.ok;
  });
  expect(released).toMatchObject({ ok: true, view: { state: 'ACTIVE' } });
  // A question to the broker's clock that still hangs runs out first: until then the market is not known to be open.
  await stack.reconciled(60_000);
  const after = await placeResting(0, await system.restingPrices());
  expect([after.status, after.body['reasons']]).toEqual([201, undefined]);
  await stack.until(
    'the order after the release',
    async () => (await stack.status(String(after.body['order_id']))) === 'ACCEPTED',
  );
  await expectBooksEqual(system);
  const placed = clients.answers.filter(({ status }) => status === 201).length;
  figures('halt under load with a hanging broker', {
    working: WORKING,
    clients: CLIENTS,
    placed_by_clients: placed,
    committed_ms: Math.round(committedMs),
    requested_ms: Date.parse(halt?.requested_at ?? '') - askedAt,
    answered_ms: Math.round(answeredMs),
    acknowledged_ms: acknowledgedAt - Date.parse(halt?.requested_at ?? ''),
    verified_ms: Date.parse(halt?.verified_at ?? '') - Date.parse(halt?.requested_at ?? ''),
    hang_ms: Math.round(hungMs),
    sends: log.length,
    sends_hanging: hanging,
    sends_after_acknowledged: 0,
    progress: JSON.stringify(halt?.progress ?? {}),
  });
});
