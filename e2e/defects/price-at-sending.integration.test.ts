import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Scene } from './support';

const MARKET_BUY = { symbol: 'AAPL', side: 'BUY', qty: 5, sure: true, limit: false } as const;

/** Places a market buy, lets the market move to this quote, and then lets the worker send. @returns the order's id */
async function sendAt(scene: Scene, bid: string, ask: string): Promise<string> {
  const answer = await scene.system.propose(MARKET_BUY);
  if (answer.kind !== 'PLACED') throw new Error(`not placed: ${JSON.stringify(answer)}`);
  await scene.query(`UPDATE quotes SET bid = $1, ask = $2 WHERE symbol = 'AAPL'`, [bid, ask]);
  await scene.run(3_000);
  return answer.orderId;
}

describe('a market buy whose market moves between its decision and its sending', () => {
  let scene: Scene;
  let decided = '';
  beforeAll(async () => {
    scene = await Scene.open();
    const [quote] = await scene.query<{ ask: string }>(`SELECT ask::text FROM quotes WHERE symbol = 'AAPL'`);
    decided = quote?.ask ?? '';
  });
  afterAll(() => scene.close());

  const stored = (id: string) =>
    scene.query<{ status: string; why: string | null }>(
      `SELECT o.status, (SELECT e.data->>'reason' FROM execution_events e WHERE e.order_id = o.id AND e.type = 'cancelled') AS why
       FROM orders o WHERE o.id = $1`,
      [id],
    );

  it('P-12: past the collar it is closed unsent, with the rule and both prices', async () => {
    const past = (Number(decided) * 1.011).toFixed(2);
    const id = await sendAt(scene, past, past);
    expect(await stored(id)).toMatchObject([
      { status: 'CANCELLED', why: expect.stringMatching(/^PRICE_COLLAR: the ask is /) },
    ]);
    expect(scene.brokerStatus(id)).toBe('unknown');
  });

  it('P-12: within the collar it is sent', async () => {
    await scene.query(`UPDATE quotes SET bid = $1, ask = $1 WHERE symbol = 'AAPL'`, [decided]);
    const within = (Number(decided) * 1.009).toFixed(2);
    const id = await sendAt(scene, within, within);
    expect((await stored(id))[0]?.status).not.toBe('CANCELLED');
    expect(scene.brokerStatus(id)).not.toBe('unknown');
  });
});
