import type { Cell } from '../cell';
import { IN_PARTS, MARKETABLE, type Rig, SYMBOLS, THIN } from '../harness/rig';
import { until } from '../harness/wait';
import { dieAt, rigWithKeeper } from './steps';

/** Orders of which only a part fills at each quote: several executions an order. */
async function fillInParts(rig: Rig): Promise<void> {
  await Promise.all(SYMBOLS.map((symbol) => rig.pin(symbol, THIN)));
  await rig.placeEach({ qty: IN_PARTS, limit: MARKETABLE });
}

/** Shows more shares again and again until everything has filled. */
export async function fillUp(rig: Rig): Promise<void> {
  const open = async () => {
    await Promise.all(SYMBOLS.map((symbol) => rig.pin(symbol, THIN)));
    return (await rig.sim<unknown[]>('GET', '/v2/orders?status=open')).length === 0;
  };
  await until('the fills', open);
}

export const filling: Cell = {
  name: 'filling',
  fault: 'kill -9 as a fill is received and booked',
  async play(scene) {
    const rig = await rigWithKeeper(scene);
    let victim = await rig.worker('execution');
    for (const point of ['fill-received', 'fill-written', 'booking-committed', 'fill-booked'] as const) {
      const at = `${point}@${scene.draws.whole(1, 4)}` as const;
      const provoke = async () => {
        await fillInParts(rig);
        await fillUp(rig);
      };
      victim = await dieAt(scene, { rig, victim, at, provoke, roles: 'execution' });
    }
  },
};
