import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { z } from 'zod';
import { bothSides } from '@/workers/testing/stack';
import type { System } from './system';

const requestSchema = z.object({ received_at: z.iso.datetime(), method: z.string(), path: z.string() });
export type LoggedRequest = z.output<typeof requestSchema>;

const activitySchema = z.object({
  id: z.string(),
  order_id: z.string(),
  symbol: z.string(),
  side: z.string(),
  qty: z.string(),
  price: z.string(),
  transaction_time: z.iso.datetime({ offset: true }),
});
export type FillActivity = z.output<typeof activitySchema>;

/** Every request that the simulator took in, as it logged them before handling them. */
export function requestLog(system: System): LoggedRequest[] {
  const file = path.join(system.simulatorFolder, 'simulator/requests.jsonl');
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => requestSchema.parse(JSON.parse(line)));
}

/** All fills as the broker states them, oldest first. */
export async function brokerFills(system: System): Promise<FillActivity[]> {
  const found: FillActivity[] = [];
  for (let token = ''; ; ) {
    const page = z
      .array(activitySchema)
      .parse(
        await system.stack.sim(
          'GET',
          `/v2/account/activities/FILL?direction=asc&page_size=100${token === '' ? '' : `&page_token=${encodeURIComponent(token)}`}`,
        ),
      );
    found.push(...page);
    if (page.length < 100) return found;
    token = page.at(-1)?.id ?? '';
  }
}

const comparable = (fills: readonly { order: string; execution: string; qty: string; price: string }[]) =>
  fills
    .map((fill) => ({ ...fill, qty: Number(fill.qty), price: Number(fill.price) }))
    .sort((a, b) => (a.execution < b.execution ? -1 : 1));

/**
 * Waits until our books agree with the broker's and then compares them: cash, positions (which our fills sum to) and
 * each fill by order, execution, quantity and price. No break is open.
 */
export async function expectBooksEqual(system: System): Promise<{ fills: number; cash: string }> {
  const { stack } = system;
  await stack.until(
    'both sides to agree',
    async () => {
      const { ours, theirs } = await bothSides(stack);
      return JSON.stringify(ours) === JSON.stringify(theirs);
    },
    60_000,
  );
  const { ours, theirs } = await bothSides(stack);
  expect(ours).toEqual(theirs);
  const { rows } = await stack.pool.query<{ order: string; execution: string; qty: string; price: string }>(
    `SELECT o.external_order_id AS order, f.execution_id AS execution, f.qty::text, f.price::text
     FROM fills f JOIN orders o ON o.id = f.order_id WHERE NOT f.busted`,
  );
  const broker = (await brokerFills(system)).map(({ id, order_id, qty, price }) => ({
    order: order_id,
    execution: id.split('::').at(-1) ?? id,
    qty,
    price,
  }));
  const booked = rows.map((row) => ({ ...row, execution: row.execution.split('::').at(-1) ?? row.execution }));
  expect(comparable(booked)).toEqual(comparable(broker));
  expect((await stack.pool.query('SELECT symbol, cause FROM breaks WHERE resolved_at IS NULL')).rows).toEqual([]);
  return { fills: rows.length, cash: ours.cash };
}
