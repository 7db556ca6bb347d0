import { afterEach, expect, it } from 'vitest';
import { type Json, TestSimulator } from './testing/harness';

let simulator: TestSimulator;
afterEach(() => simulator.dispose());

/** Ten shares held, at a quote of 99.98 by 100.02. */
async function holding(): Promise<void> {
  simulator = await TestSimulator.start();
  await simulator.quote('AAPL', '99.98', '100.02');
  await simulator.order({ qty: '10' });
}
const send = (order: Json) =>
  simulator.call('POST', '/v2/orders', { symbol: 'AAPL', time_in_force: 'day', qty: '1', ...order });

it.each([
  ['a market sell beside a resting limit buy', { type: 'limit', limit_price: '90' }, { type: 'market' }],
  ['a stop sell beside a resting limit buy', { type: 'limit', limit_price: '90' }, { type: 'stop', stop_price: '80' }],
  [
    'a limit sell beside a resting stop buy',
    { type: 'stop', stop_price: '120' },
    { type: 'limit', limit_price: '130' },
  ],
])('%s is refused as a wash trade, with the order that stands against it', async (_what, buy, sell) => {
  await holding();
  const resting = await simulator.order(buy);
  const { status, body } = await send({ side: 'sell', ...sell });
  expect(status).toBe(403);
  expect(body).toMatchObject({
    code: 40310000,
    message: expect.stringContaining('wash trade'),
    existing_order_id: resting.id,
  });
});

it('limit orders on both sides are taken while their prices do not cross', async () => {
  await holding();
  await simulator.order({ type: 'limit', limit_price: '90' });
  expect((await send({ side: 'sell', type: 'limit', limit_price: '90' })).status).toBe(403);
  expect((await send({ side: 'sell', type: 'limit', limit_price: '110' })).status).toBe(200);
  expect((await send({ side: 'buy', type: 'limit', limit_price: '110' })).status).toBe(403);
});

it('a buy is refused beside a resting stop that protects the position', async () => {
  await holding();
  await simulator.order({ side: 'sell', type: 'stop', stop_price: '80' });
  expect((await send({ side: 'buy', type: 'market' })).status).toBe(403);
  expect((await send({ side: 'buy', type: 'limit', limit_price: '70' })).status).toBe(403);
});

it('other symbols, and orders that have ended, stand against nothing', async () => {
  await holding();
  await simulator.quote('MSFT', '200', '200.04');
  const gone = await simulator.order({ type: 'limit', limit_price: '90' });
  await simulator.call('DELETE', `/v2/orders/${String(gone.id)}`);
  await simulator.order({ symbol: 'MSFT', type: 'limit', limit_price: '90' });
  expect((await send({ side: 'sell', type: 'market' })).status).toBe(200);
});
