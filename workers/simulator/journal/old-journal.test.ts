import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { IdScheme } from '../ids';
import { TestSimulator } from '../testing/harness';
import { encodeLine } from './line';

let simulator: TestSimulator;
afterEach(() => simulator.dispose());

const ACCOUNT = '0198f2a0-0000-4000-8000-000000000001';
const AT = Date.parse('2026-01-05T15:00:00Z');

/** Records as they were written before order classes, replacements and trading statuses existed. */
function oldJournal(sourceId: string, ids: readonly string[]): string {
  const order = {
    type: 'order',
    symbol: 'AAPL',
    side: 'buy',
    order_type: 'limit',
    time_in_force: 'gtc',
    qty: '10',
    limit_price: '100',
    stop_price: null,
    reserve_price: '100',
    at: AT,
    expires_at: null,
    queued: false,
  };
  const records = [
    {
      type: 'head',
      version: 1,
      account_id: ACCOUNT,
      account_number: 'SIM1',
      source: 'SYNTHETIC',
      source_id: sourceId,
      cash: '100000',
      at: AT,
    },
    { ...order, id: ids[0], seq: 1, client_order_id: 'old-1' },
    {
      type: 'fill',
      id: ids[0],
      seq: 1,
      execution_id: 'x',
      symbol: 'AAPL',
      side: 'buy',
      qty: '10',
      price: '99',
      fee: '0',
      at: AT + 1,
    },
    { ...order, id: ids[1], seq: 2, client_order_id: 'old-2', limit_price: '10', reserve_price: '10' },
    { type: 'cancel_pending', id: ids[1], seq: 2, at: AT + 2, due_at: AT + 3 },
    { type: 'close', id: ids[1], seq: 2, status: 'canceled', at: AT + 3 },
    { ...order, id: ids[2], seq: 3, client_order_id: 'old-3', limit_price: '20', reserve_price: '20' },
  ];
  return records.map((record, index) => encodeLine(index + 1, record)).join('');
}

it('a journal written by an older version loads, and its orders work on', async () => {
  const ids = new IdScheme(ACCOUNT);
  simulator = await TestSimulator.start();
  const source = sourceIdOf(simulator);
  await simulator.stop();
  const journal = oldJournal(
    source,
    [1, 2, 3].map((seq) => ids.idOf('order', seq)),
  );
  writeFileSync(join(simulator.folder, 'simulator/journal.jsonl'), journal);
  await simulator.start();
  const orders = await simulator.list('/v2/orders?status=all&direction=asc&nested=true');
  expect(orders).toMatchObject([
    { client_order_id: 'old-1', status: 'filled', order_class: 'simple', legs: null, replaced_by: null },
    { client_order_id: 'old-2', status: 'canceled' },
    { client_order_id: 'old-3', status: 'new' },
  ]);
  expect(await simulator.json('GET', '/v2/account')).toMatchObject({ cash: '99010', buying_power: '98810' });
  await simulator.quote('AAPL', '18', '18.5');
  expect(await simulator.getOrder(ids.idOf('order', 3))).toMatchObject({ status: 'filled', filled_avg_price: '18.5' });
});

/** The market that the journal's head must name. */
function sourceIdOf(running: TestSimulator): string {
  const [head = ''] = readFileSync(join(running.folder, 'simulator/journal.jsonl'), 'utf8').split('\n');
  return String(JSON.parse(head).source_id);
}
