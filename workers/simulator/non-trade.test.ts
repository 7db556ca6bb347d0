import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asJson, type Json, TestSimulator } from './testing/harness';

let simulator: TestSimulator;

beforeAll(async () => {
  simulator = await TestSimulator.start();
  await simulator.quote('AAPL', '100', '100');
});
afterAll(() => simulator.dispose());

const add = async (...activities: Json[]): Promise<string[]> => {
  const { activities: ids } = await simulator.json('POST', '/sim/v1/control', { activities });
  return Array.isArray(ids) ? ids.map(String) : [];
};
const amend = (id: string, status: string, amount?: string) =>
  simulator.json('POST', '/sim/v1/control', {
    amend_activity: { id, status, ...(amount === undefined ? {} : { net_amount: amount }) },
  });
const cash = async () => Number((await simulator.json('GET', '/v2/account')).cash);
const position = async (symbol: string) => {
  const found = (await simulator.list('/v2/positions')).find((each) => each.symbol === symbol);
  return found === undefined ? null : { qty: found.qty, cost: Number(found.cost_basis) };
};
const listed = async (id: string) => (await simulator.list('/v2/account/activities')).find((each) => each.id === id);

describe('what moves without a trade', () => {
  it('moves cash, and the statement shows it', async () => {
    const before = await cash();
    const [id = ''] = await add(
      { type: 'DIV', sub_type: 'CDIV', symbol: 'AAPL', qty: '10', net_amount: '2.4' },
      { type: 'CSW', net_amount: '-100' },
    );
    expect((await cash()) - before).toBeCloseTo(-97.6);
    expect(await listed(id)).toMatchObject({ activity_type: 'DIV', net_amount: '2.4', status: 'executed', qty: '10' });
    expect(await position('AAPL')).toBeNull();
    expect(await simulator.list('/v2/account/activities/CSW')).toHaveLength(1);
    expect(await simulator.list('/v2/account/activities?category=trade_activity')).toEqual([]);
  });

  it('brings shares at their price, and splits them at the same cost', async () => {
    await add({ type: 'ACATS', symbol: 'AAPL', qty: '10', price: '50' });
    await add(
      { type: 'SPLIT', symbol: 'AAPL', qty: '-10', group_id: 'g' },
      { type: 'SPLIT', symbol: 'AAPL', qty: '40', group_id: 'g' },
    );
    expect(await position('AAPL')).toEqual({ qty: '40', cost: 500 });
    await add({ type: 'SPLIT', symbol: 'AAPL', qty: '-30' });
    expect(await position('AAPL')).toEqual({ qty: '10', cost: 500 });
  });

  it('takes back and corrects', async () => {
    const before = await cash();
    const [id = ''] = await add({ type: 'INT', net_amount: '5' });
    await amend(id, 'correct', '4');
    expect(await cash()).toBeCloseTo(before + 4);
    expect(await listed(id)).toMatchObject({ status: 'correct', net_amount: '4' });
    await amend(id, 'canceled');
    expect(await cash()).toBeCloseTo(before);
    expect(
      asJson((await simulator.call('POST', '/sim/v1/control', { amend_activity: { id, status: 'canceled' } })).body),
    ).toMatchObject({
      message: expect.stringContaining('cancelled already'),
    });
  });

  it('refuses shares that are not held', async () => {
    const answer = await simulator.call('POST', '/sim/v1/control', {
      activities: [{ type: 'JNLS', symbol: 'AAPL', qty: '-11' }],
    });
    expect(answer.status).toBe(422);
  });

  it('is in the journal: a restart shows the same account', async () => {
    const before = await simulator.json('GET', '/sim/v1/state');
    await simulator.stop();
    await simulator.start();
    expect(await simulator.json('GET', '/sim/v1/state')).toMatchObject({ digest: before.digest, cash: before.cash });
  });
});
