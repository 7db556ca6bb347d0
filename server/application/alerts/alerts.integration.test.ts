import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Actor } from '@/server/kernel/actor';
import { createTradingFixture, type TradingFixture } from '@/test-support/trading-fixture';

const OPERATOR: Actor = { kind: 'user', principalId: randomUUID(), name: 'op@example.com', correlationId: 'click' };

let fixture: TradingFixture;
beforeAll(async () => {
  fixture = await createTradingFixture();
});
afterAll(() => fixture.close());
beforeEach(() => fixture.pool.query('DELETE FROM alerts'));

async function alerts() {
  const { rows } = await fixture.pool.query<{ id: string; kind: string; message: string; open: boolean; by: string }>(
    `SELECT id, kind, subject, message, resolved_at IS NULL AS open, acknowledged_by AS by FROM alerts ORDER BY opened_at`,
  );
  return rows;
}

test('a halt is in the history of alerts from its first moment until the release', async () => {
  await fixture.commands.halt(OPERATOR, 'fat finger');
  await fixture.commands.halt(OPERATOR, 'once more');
  expect(await alerts()).toMatchObject([
    { kind: 'HALT', subject: 'trading', open: true, message: `Halted by ${OPERATOR.name}: fat finger` },
  ]);
  await fixture.pool.query('UPDATE halts SET verified_at = now()');
  await fixture.refresh();
  expect(await fixture.commands.release(OPERATOR, 'all well')).toMatchObject({ ok: true });
  expect(await alerts()).toMatchObject([{ kind: 'HALT', open: false }]);
});

test('one alert stands for all breaks of a symbol and cause, until the last is resolved', async () => {
  const [first, second] = [randomUUID(), randomUUID()];
  for (const id of [first, second]) {
    await fixture.pool.query(
      `INSERT INTO breaks (id, symbol, order_id, cause, opened_at) VALUES ($1, 'AAPL', $2, 'EXTERNAL_ORDER', now())`,
      [id, randomUUID()],
    );
  }
  const resolve = (id: string) =>
    fixture.pool.query(`UPDATE breaks SET resolved_at = now(), resolved_by = 'op' WHERE id = $1`, [id]);
  const [alert] = await alerts();
  expect(alert).toMatchObject({ kind: 'BREAK', subject: 'AAPL external order', open: true });
  await resolve(first);
  expect(await alerts()).toMatchObject([{ open: true }]);
  await resolve(second);
  expect(await alerts()).toMatchObject([{ open: false }]);
});

test('a break says in words what either side holds', async () => {
  await fixture.pool.query(
    `INSERT INTO breaks (id, symbol, cause, ours, theirs, opened_at) VALUES ($1, 'SPY', 'POSITION_MISMATCH', '{"qty": "10"}', '{"avg_price": null, "qty": "12"}', now())`,
    [randomUUID()],
  );
  expect((await alerts())[0]?.message).toBe('Our books: qty 10; the broker: avg price none, qty 12.');
  await fixture.pool.query(`UPDATE breaks SET theirs = '{"qty": "13"}' WHERE symbol = 'SPY'`);
  expect((await alerts()).map(({ message }) => message)).toEqual(['Our books: qty 10; the broker: qty 13.']);
});

test('the first acknowledgement of an alert stays, is audited, and leaves the alert open', async () => {
  await fixture.commands.halt(OPERATOR, 'stop');
  const [alert] = await alerts();
  const id = alert?.id ?? '';
  expect(await fixture.commands.acknowledgeAlert(OPERATOR, id)).toEqual({ ok: true, status: 'ACKNOWLEDGED' });
  const second = await fixture.commands.acknowledgeAlert({ ...OPERATOR, name: 'somebody else' }, id);
  expect(second).toMatchObject({ ok: false, code: 'ALREADY_DECIDED' });
  expect(await alerts()).toMatchObject([{ open: true, by: OPERATOR.name }]);
  const { rows } = await fixture.pool.query(
    `SELECT actor, target, after->>'kind' AS kind FROM audit_log WHERE action = 'alert.acknowledge'`,
  );
  expect(rows).toEqual([{ actor: OPERATOR.name, target: `alert:${id}`, kind: 'HALT' }]);
  expect(await fixture.commands.acknowledgeAlert(OPERATOR, randomUUID())).toMatchObject({ code: 'NOT_FOUND' });
});
