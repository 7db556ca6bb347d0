import { expect, it } from 'vitest';
import { z } from 'zod';
import { snakeKeys, snakeShape } from './snake-case';

it('writes keys in snake case and leaves values as they are', () => {
  expect(snakeKeys({ timeInForce: 'DAY', qty: '1', avgPrice: null, data: { innerKey: 1 } })).toEqual({
    time_in_force: 'DAY',
    qty: '1',
    avg_price: null,
    data: { innerKey: 1 },
  });
});

it('gives a schema that parses what the other helper writes', () => {
  const record = z.object({ orderId: z.string(), cumQty: z.string() });
  const body = z.strictObject(snakeShape(record));
  expect(body.parse(snakeKeys({ orderId: 'a', cumQty: '2' }))).toEqual({ order_id: 'a', cum_qty: '2' });
  expect(body.safeParse({ orderId: 'a', cumQty: '2' }).success).toBe(false);
});
