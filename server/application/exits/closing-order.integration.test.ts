import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createLeaseStore } from '@/server/adapters/postgres/ops/lease-store';
import { createExecutionStore } from '@/server/adapters/postgres/orders/execution-store';
import { createExitStore } from '@/server/adapters/postgres/orders/exit-store';
import type { OpenExit } from '@/server/application/ports/exit-store';
import type { Fence } from '@/server/application/ports/lease';
import type { ExitPlacement } from '@/server/domain/exit/next-step';
import { SYSTEM_PRINCIPAL_ID } from '@/server/kernel/actor';
import { formatUnits, parseUnits } from '@/server/kernel/money';
import { ACTOR, createTradingFixture, orderFor, type TradingFixture } from '@/test-support/trading-fixture';

const PERSON = { ...ACTOR, kind: 'user', name: 'maria@example.com' } as const;

let fixture: TradingFixture;
let fence: Fence;

beforeAll(async () => {
  fixture = await createTradingFixture();
  const taken = await createLeaseStore(fixture.pool).acquire('execution', 'test', 600_000);
  if (taken === null) throw new Error('no lease');
  fence = taken;
});
afterAll(() => fixture.close());

/** 100 AAPL are held: 30 bought by "alpha", 20 by "beta", and 40 by "alpha" for an earlier position. */
beforeEach(async () => {
  const { pool } = fixture;
  await pool.query('UPDATE orders SET exit_id = NULL; DELETE FROM exits');
  await pool.query(
    `UPDATE orders SET status = 'CANCELLED', symbol = symbol WHERE status IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED')`,
  );
  await pool.query('UPDATE fills SET busted = true');
  await pool.query(`INSERT INTO positions (symbol, qty, cost, opened_at, updated_at) VALUES ('AAPL', 100, 10000, now(), now())
    ON CONFLICT (symbol) DO UPDATE SET qty = 100, opened_at = now()`);
  await bought('alpha', 30);
  await bought('beta', 20);
  await bought('alpha', 40, '1 hour');
  await fixture.refresh();
});

async function bought(strategy: string, qty: number, ago = '0 s'): Promise<void> {
  const id = randomUUID();
  await fixture.pool.query(
    `INSERT INTO orders (id, kind, strategy, symbol, side, qty, cum_qty, order_type, time_in_force, status, reference_price, created_at, updated_at)
     VALUES ($1, 'EXTERNAL', $2, 'AAPL', 'BUY', $3, $3, 'MARKET', 'DAY', 'FILLED', 100, now(), now())`,
    [id, strategy, qty],
  );
  await fixture.pool.query(
    `INSERT INTO fills (order_id, execution_id, symbol, side, qty, price, at, source, booked_at)
     VALUES ($1::uuid, $1::uuid::text, 'AAPL', 'BUY', $2, 100, now(), 'REST', now() - $3::interval)`,
    [id, qty, ago],
  );
}

/** A closing order of a client. */
async function sell(qty: string, strategy = 'alpha'): Promise<string> {
  const signalId = await fixture.signal({ action: 'SELL', strategy });
  const terms = orderFor(signalId, { side: 'SELL', qty });
  const placed = await fixture.commands.placeOrder(ACTOR, randomUUID(), terms);
  if (placed.kind !== 'PLACED') throw new Error(JSON.stringify(placed));
  return placed.orderId;
}

async function order(id: string) {
  const { rows } = await fixture.pool.query(
    `SELECT o.kind, trim_scale(o.qty)::text AS qty, o.status, o.held, o.exit_id, o.strategy, o.cancel_requested FROM orders o WHERE o.id = $1`,
    [id],
  );
  return rows[0];
}

const exits = async () =>
  (
    await fixture.pool.query(
      `SELECT trim_scale(e.qty)::text AS qty, e.source, e.strategy, e.outcome, v.kind AS evaluation
       FROM exits e LEFT JOIN policy_evaluations v ON v.id = e.evaluation_id`,
    )
  ).rows;

async function openExit(): Promise<OpenExit> {
  const [exit] = (await createExitStore(fixture.pool).open()).exits;
  if (exit === undefined) throw new Error('no exit is open');
  return exit;
}

const claimed = async () =>
  (await createExecutionStore(fixture.pool, fixture.pool).claim(fence, 'test', 10)).map(({ state }) => state.id);

async function place(placement: Partial<ExitPlacement>): Promise<{ placed: boolean; orderId: string }> {
  const orderId = placement.queued ?? randomUUID();
  const terms = {
    side: 'SELL',
    qty: parseUnits('1'),
    orderType: 'MARKET',
    limitPrice: null,
    queued: null,
    replaces: null,
  } as const;
  const placed = await createExitStore(fixture.pool).place(fence, await openExit(), orderId, {
    ...terms,
    ...placement,
  });
  return { placed, orderId };
}

describe('X-1: a closing market order is an exit for its quantity', () => {
  test('its kind is FLATTEN, its ground an exit that cites the evaluation, and it is not claimed before the exit sends it', async () => {
    const id = await sell('10');
    expect(await order(id)).toMatchObject({ kind: 'FLATTEN', qty: '10', status: 'NEW', held: true, strategy: 'alpha' });
    expect(await exits()).toEqual([
      { qty: '10', source: 'SIGNAL', strategy: 'alpha', outcome: null, evaluation: 'GATE' },
    ]);
    expect(await claimed()).toEqual([]);
    expect((await openExit()).queued).toEqual([{ id, qty: parseUnits('10') }]);
    expect(await place({ queued: id })).toEqual({ placed: true, orderId: id });
    expect(await claimed()).toEqual([id]);
    const audited = await fixture.pool.query(
      `SELECT 1 FROM audit_log WHERE action = 'position.flatten' AND target = 'order:' || $1::text`,
      [id],
    );
    expect(audited.rowCount).toBe(1);
    expect((await openExit()).own).toMatchObject({ id });
  });

  test('a closing limit order is a plain order of the gate', async () => {
    const signalId = await fixture.signal({ action: 'SELL' });
    const terms = orderFor(signalId, { side: 'SELL', qty: '10', order_type: 'LIMIT', limit_price: '100.5' });
    const placed = await fixture.commands.placeOrder(ACTOR, randomUUID(), terms);
    if (placed.kind !== 'PLACED') throw new Error(placed.kind);
    expect(await order(placed.orderId)).toMatchObject({ kind: 'GATED', held: false, exit_id: null });
    expect(await exits()).toEqual([]);
  });

  test('the answer under its key is repeated byte for byte, and adds nothing', async () => {
    const signalId = await fixture.signal({ action: 'SELL' });
    const [key, terms] = [randomUUID(), orderFor(signalId, { side: 'SELL', qty: '10' })];
    const first = await fixture.commands.placeOrder(ACTOR, key, terms);
    const again = await fixture.otherProcess().placeOrder(ACTOR, key, terms);
    expect(again).toEqual({ ...first, replayed: true });
    expect(await exits()).toMatchObject([{ qty: '10' }]);
  });

  test('where the exit sends other terms, the order is cancelled unsent in the same transaction', async () => {
    const id = await sell('10');
    const { orderId } = await place({ qty: parseUnits('6'), replaces: id });
    expect(await order(id)).toMatchObject({ status: 'CANCELLED', held: true });
    expect(await order(orderId)).toMatchObject({ kind: 'FLATTEN', qty: '6', held: false, strategy: 'alpha' });
    const { queued, own, intent } = await openExit();
    expect([queued, own?.id, intent.failures]).toEqual([[], orderId, 0]);
  });

  test('where the exit ends first, the order is closed unsent', async () => {
    const id = await sell('10');
    const { id: exitId } = await openExit();
    await createExitStore(fixture.pool).end(fence, exitId, 'CLOSED');
    const store = createExecutionStore(fixture.pool, fixture.pool);
    expect(await store.unsentCancels()).toEqual([id]);
    expect(await claimed()).toEqual([]);
  });
});

describe('X-4: a second exit of the symbol is added to the running one', () => {
  test('in one batch and across processes: nothing is sold twice', async () => {
    await Promise.all([sell('10'), sell('20', 'beta')]);
    expect(await exits()).toMatchObject([{ qty: '30', strategy: '', source: 'SIGNAL' }]);
    await sell('70');
    expect(await exits()).toMatchObject([{ qty: '100' }]);
    await expect(sell('1')).rejects.toThrow('SHORT_NOT_ALLOWED');
  });

  test('what the running one has sold does not count again', async () => {
    const id = await sell('30');
    await fixture.pool.query(`UPDATE orders SET cum_qty = 30, status = 'FILLED' WHERE id = $1`, [id]);
    await fixture.pool.query(`UPDATE positions SET qty = 70 WHERE symbol = 'AAPL'`);
    await sell('70');
    expect(await exits()).toMatchObject([{ qty: '100' }]);
  });

  test('a person who closes everything takes them along', async () => {
    await sell('10');
    expect(await fixture.commands.closePosition(PERSON, 'AAPL', 'out')).toMatchObject({ ok: true });
    expect(await exits()).toMatchObject([{ qty: null, strategy: '', outcome: null }]);
  });

  test('a client that cancels its order takes its part back; the last one ends the exit', async () => {
    const [first, second] = [await sell('10'), await sell('20', 'beta')];
    expect(await fixture.commands.cancelOrder(ACTOR, first, 'not now')).toMatchObject({ ok: true });
    expect(await order(first)).toMatchObject({ status: 'CANCELLED' });
    expect(await exits()).toMatchObject([{ qty: '20', outcome: null }]);
    expect(await fixture.commands.cancelOrder(ACTOR, second, 'not now')).toMatchObject({ ok: true });
    expect(await exits()).toMatchObject([{ outcome: 'WITHDRAWN' }]);
  });

  test('the exit of a person goes on when a client cancels its order', async () => {
    const id = await sell('10');
    await fixture.commands.closePosition(PERSON, 'AAPL', 'out');
    await fixture.commands.cancelOrder(ACTOR, id, 'not now');
    expect(await exits()).toMatchObject([{ qty: null, outcome: null }]);
  });
});

describe('X-4, A15: a closing signal without a quantity closes what its strategy holds', () => {
  async function close(strategy: string) {
    const signalId = await fixture.signal({ action: 'SELL', strategy, sizePct: 0.0001 });
    const actor = { ...ACTOR, principalId: SYSTEM_PRINCIPAL_ID, kind: 'strategy' } as const;
    return fixture.commands.placeSignal(actor, { signalId, symbol: 'AAPL', action: 'SELL' });
  }

  test.each([
    ['the fills of the present position', 'alpha', '30'],
    ['not those of another strategy', 'beta', '20'],
  ])('%s', async (_name, strategy, qty) => {
    const placed = await close(strategy);
    if (placed.kind !== 'PLACED') throw new Error(JSON.stringify(placed));
    expect(await order(placed.orderId)).toMatchObject({ kind: 'FLATTEN', qty, strategy });
  });

  test('nothing where it holds nothing, or is selling it already', async () => {
    expect(await close('gamma')).toEqual({ kind: 'NO_SHARES' });
    const both = await Promise.all([close('alpha'), close('alpha')]);
    expect(both.map(({ kind }) => kind).sort()).toEqual(['NO_SHARES', 'PLACED']);
    expect(await close('alpha')).toEqual({ kind: 'NO_SHARES' });
    expect((await exits()).map(({ qty }) => qty)).toEqual(['30']);
  });

  test('at most what is held', async () => {
    await fixture.pool.query(`UPDATE positions SET qty = 12 WHERE symbol = 'AAPL'`);
    const placed = await close('alpha');
    if (placed.kind !== 'PLACED') throw new Error(JSON.stringify(placed));
    expect(formatUnits(parseUnits((await order(placed.orderId)).qty))).toBe('12');
  });
});
