import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SEND_LOCK } from '@/server/adapters/postgres/locks';
import type { Actor } from '@/server/kernel/actor';
import { factsOf } from '@/test-support/placements';
import { ACTOR, createTradingFixture, orderFor, type TradingFixture } from '@/test-support/trading-fixture';

let fixture: TradingFixture;
const OPERATOR: Actor = { kind: 'user', principalId: randomUUID(), name: 'op@example.com', correlationId: 'click' };

beforeEach(async () => {
  fixture = await createTradingFixture();
});
afterEach(() => fixture.close());

test('a halt is acknowledged, audited once, and every placement after it is refused', async () => {
  const outcome = await fixture.commands.halt(OPERATOR, 'drill');
  expect(outcome).toMatchObject({ ok: true, view: { state: 'HALTED', halt: { verifiedAt: null } } });
  if (outcome.ok) expect(outcome.view.halt?.acknowledgedAt).not.toBeNull();
  const answer = await fixture.commands.placeOrder(ACTOR, randomUUID(), orderFor(await fixture.signal()));
  expect(answer.kind).toBe('REJECTED');
  expect(factsOf(answer).codes).toContain('TRADING_HALTED');
  await fixture.commands.halt(OPERATOR, 'again');
  const { rows } = await fixture.pool.query(`SELECT actor FROM audit_log WHERE action = 'trading.halt'`);
  expect(rows).toEqual([{ actor: 'op@example.com' }]);
});

test('a halt waits for the holder of the send lock, but is committed before', async () => {
  const holder = new Client({ connectionString: fixture.database.url });
  await holder.connect();
  await holder.query('SELECT pg_advisory_lock_shared($1)', [SEND_LOCK]);
  const halting = fixture.commands.halt(OPERATOR, 'with a send under way');
  await expect.poll(async () => (await fixture.commands.tradingState()).state, { interval: 10 }).toBe('HALTED');
  expect((await fixture.commands.tradingState()).halt?.acknowledgedAt).toBeNull();
  await holder.query('SELECT pg_advisory_unlock_shared($1)', [SEND_LOCK]);
  const outcome = await halting;
  if (outcome.ok) expect(outcome.view.halt?.acknowledgedAt).not.toBeNull();
  await holder.end();
});

test('a holder past its time is disconnected, and the halt is acknowledged', async () => {
  const holder = new Client({ connectionString: fixture.database.url });
  const ended = new Promise<void>((resolve) => holder.on('error', () => resolve()));
  await holder.connect();
  await holder.query('SELECT pg_advisory_lock_shared($1)', [SEND_LOCK]);
  const outcome = await fixture.commands.halt(OPERATOR, 'a stuck sender');
  await ended;
  if (!outcome.ok) throw new Error(outcome.message);
  expect(outcome.view.halt?.acknowledgedAt).not.toBeNull();
});

test('after acknowledgement no order is placed, with 20 clients placing all the while', async () => {
  const signals = await Promise.all(
    Array.from({ length: 400 }, (_, n) => fixture.signal({ strategy: `s${n}`, sizePct: 0.001 })),
  );
  const other = fixture.otherProcess();
  let next = 0;
  const client = async (commands: typeof other) => {
    for (let index = next++; index < signals.length; index = next++) {
      await commands.placeOrder(ACTOR, randomUUID(), orderFor(signals[index] ?? '', { qty: '1' }));
    }
  };
  const clients = Array.from({ length: 20 }, (_, index) => client(index % 2 === 0 ? fixture.commands : other));
  const placed = async () =>
    (await fixture.pool.query<{ n: number }>('SELECT count(*)::int AS n FROM orders')).rows[0]?.n;
  const outcome = await fixture.commands.halt(OPERATOR, 'under load');
  const atAcknowledgement = await placed();
  await Promise.all(clients);
  if (!outcome.ok) throw new Error(outcome.message);
  expect(next).toBeGreaterThanOrEqual(signals.length);
  expect(atAcknowledgement).toBeLessThan(signals.length);
  expect(await placed()).toBe(atAcknowledgement);
});

test('reducing lets closes through and stops openings; it never loosens a halt', async () => {
  await fixture.pool.query(`INSERT INTO positions (symbol, qty, cost, updated_at) VALUES ('AAPL', 5, 500, now())`);
  await fixture.commands.reduce(OPERATOR, 'careful');
  const opening = await fixture.commands.placeOrder(ACTOR, randomUUID(), orderFor(await fixture.signal()));
  expect(factsOf(opening).codes).toContain('TRADING_REDUCING');
  const closing = await fixture.commands.placeOrder(
    ACTOR,
    randomUUID(),
    orderFor(await fixture.signal({ action: 'SELL' }), { side: 'SELL', qty: '5' }),
  );
  expect(closing.kind).toBe('PLACED');
  await fixture.commands.halt(OPERATOR, 'stop');
  await fixture.commands.reduce(OPERATOR, 'careful again');
  expect((await fixture.commands.tradingState()).state).toBe('HALTED');
});

test('P-14: the view names each open cause, who opened it and what ends it; a release ends them all', async () => {
  expect((await fixture.commands.tradingState()).causes).toEqual([]);
  await fixture.pool.query(`SELECT trading_limit_reached('DRAWDOWN', 'REDUCING', 'system (limits)', 'down 3%', true)`);
  const drawdown = {
    cause: 'DRAWDOWN',
    state: 'REDUCING',
    reason: 'down 3%',
    openedBy: 'system (limits)',
    openedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    untilNextSession: true,
  };
  expect((await fixture.commands.tradingState()).causes).toEqual([drawdown]);
  await fixture.commands.halt(OPERATOR, 'stop');
  const person = {
    cause: 'PERSON',
    state: 'HALTED',
    reason: 'stop',
    openedBy: 'op@example.com',
    untilNextSession: false,
  };
  expect((await fixture.commands.tradingState()).causes).toMatchObject([drawdown, person]);
  await fixture.pool.query('UPDATE halts SET verified_at = now()');
  await fixture.refresh();
  expect(await fixture.commands.release(OPERATOR, 'all well')).toMatchObject({ ok: true, view: { causes: [] } });
});

test('P-14: a cause that joins or ends while another keeps the state is announced, so that open consoles show it', async () => {
  const announced = async () =>
    (
      await fixture.pool.query(`SELECT data->>'state' AS state, data->>'cause' AS cause FROM outbox
       WHERE topic = 'trading.state.changed' ORDER BY seq`)
    ).rows;
  await fixture.commands.halt(OPERATOR, 'stop');
  await fixture.commands.halt(OPERATOR, 'stop again');
  await fixture.pool.query(`SELECT trading_limit_reached('DRAWDOWN', 'REDUCING', 'system (limits)', 'down 3%', true)`);
  await fixture.pool.query(
    `SELECT trading_limit_reached('DAILY_LOSS', 'HALTED', 'system (limits)', 'lost $50', false)`,
  );
  await fixture.pool.query(`SELECT trading_cause_end('DRAWDOWN', 'system (limits)', 'the next session has begun')`);
  expect(await announced()).toEqual([
    { state: 'HALTED', cause: 'PERSON' },
    { state: 'HALTED', cause: 'DRAWDOWN' },
    { state: 'HALTED', cause: 'DAILY_LOSS' },
    { state: 'HALTED', cause: 'DRAWDOWN' },
  ]);
});

test('a release needs a reason, a verified halt, a clean reconciliation and no open break', async () => {
  await fixture.commands.halt(OPERATOR, 'stop');
  expect(await fixture.commands.release(OPERATOR, ' ')).toMatchObject({ ok: false, code: 'INVALID' });
  expect(await fixture.commands.release(OPERATOR, 'all well')).toMatchObject({ ok: false, code: 'NOT_CLEAN' });
  await fixture.pool.query('UPDATE halts SET verified_at = now()');
  await fixture.pool.query(
    `INSERT INTO breaks (id, symbol, cause, opened_at) VALUES ($1, 'AAPL', 'POSITION_MISMATCH', now())`,
    [randomUUID()],
  );
  const blocked = await fixture.commands.release(OPERATOR, 'all well');
  expect(blocked).toMatchObject({ ok: false });
  if (!blocked.ok) expect(blocked.message).toContain('unresolved');
  await fixture.pool.query(`UPDATE breaks SET resolved_at = now(), resolved_by = 'op'`);
  await fixture.refresh({ portfolioAgeSeconds: 60 });
  expect(await fixture.commands.release(OPERATOR, 'all well')).toMatchObject({ ok: false, code: 'NOT_CLEAN' });
  await fixture.refresh();
  expect(await fixture.commands.release(OPERATOR, 'all well')).toMatchObject({
    ok: true,
    view: { state: 'ACTIVE', halt: null },
  });
});

/** As a good round leaves it that began at this moment, given in SQL. */
const roundBegan = (at: string) =>
  fixture.pool.query(
    `UPDATE accounts SET failed_rounds = 0, portfolio_at = clock_timestamp(), reconciled_at = clock_timestamp(), round_started_at = ${at}`,
  );

test('H-7: the round that a release rests on began after the halt was verified', async () => {
  await fixture.commands.halt(OPERATOR, 'stop');
  await fixture.pool.query('UPDATE halts SET verified_at = clock_timestamp()');
  for (const at of [`(SELECT verified_at - interval '1 ms' FROM halts)`, '(SELECT verified_at FROM halts)', 'NULL']) {
    await roundBegan(at);
    expect(await fixture.commands.release(OPERATOR, 'all well')).toMatchObject({
      ok: false,
      code: 'NOT_CLEAN',
      message: expect.stringContaining('no reconciliation round has begun since the halt was verified'),
    });
  }
  await roundBegan(`(SELECT verified_at + interval '1 ms' FROM halts)`);
  expect(await fixture.commands.release(OPERATOR, 'all well')).toMatchObject({ ok: true, view: { state: 'ACTIVE' } });
});

test('H-7: trading that is reducing is released once its opening orders are cancelled, after a round that began later', async () => {
  const placed = await fixture.commands.placeOrder(ACTOR, randomUUID(), orderFor(await fixture.signal()));
  if (placed.kind !== 'PLACED') throw new Error(placed.kind);
  // It works at the broker: its cancel takes a while.
  await fixture.pool.query(
    `UPDATE orders SET status = 'ACCEPTED', pending = 'NONE', external_order_id = 'b1', claimed_at = now(), claimed_by = 'test' WHERE id = $1`,
    [placed.orderId],
  );
  await fixture.commands.reduce(OPERATOR, 'careful');
  await roundBegan('clock_timestamp()');
  const working = await fixture.commands.release(OPERATOR, 'all well');
  expect(working).toMatchObject({
    ok: false,
    message: expect.stringContaining('1 opening order(s) are not cancelled yet'),
  });
  await fixture.pool.query(
    `UPDATE orders SET status = 'CANCELLED', pending = 'NONE', closed_at = clock_timestamp() WHERE id = $1`,
    [placed.orderId],
  );
  const early = await fixture.commands.release(OPERATOR, 'all well');
  expect(early).toMatchObject({
    ok: false,
    message: expect.stringContaining('since the last opening order was cancelled'),
  });
  await roundBegan('clock_timestamp()');
  expect(await fixture.commands.release(OPERATOR, 'all well')).toMatchObject({ ok: true, view: { state: 'ACTIVE' } });
});

test('H-7: trading that is reducing without an opening order needs no further round', async () => {
  await fixture.commands.reduce(OPERATOR, 'careful');
  expect(await fixture.commands.release(OPERATOR, 'all well')).toMatchObject({ ok: true, view: { state: 'ACTIVE' } });
});

test('a break on the symbol rejects, and a person resolves it with a reason', async () => {
  const breakId = randomUUID();
  await fixture.pool.query(
    `INSERT INTO breaks (id, symbol, cause, opened_at) VALUES ($1, 'AAPL', 'EXTERNAL_ORDER', now())`,
    [breakId],
  );
  const refused = await fixture.commands.placeOrder(ACTOR, randomUUID(), orderFor(await fixture.signal()));
  expect(factsOf(refused).codes).toContain('RECONCILIATION_BREAK');
  expect(await fixture.commands.resolveBreak(OPERATOR, breakId, 'seen at the broker, mine')).toMatchObject({
    ok: true,
  });
  expect((await fixture.commands.placeOrder(ACTOR, randomUUID(), orderFor(await fixture.signal()))).kind).toBe(
    'PLACED',
  );
});
