import type { Cell, Scene } from '../cell';
import { RESTING, type Rig } from '../harness/rig';
import { dieAt, rigWithKeeper } from './steps';

async function restingOrders(rig: Rig): Promise<string[]> {
  const ids = await rig.placeEach({ limit: RESTING });
  await rig.reach(ids, ['ACCEPTED']);
  return ids;
}

async function expectCancelled(scene: Scene, rig: Rig, ids: readonly string[], what: string): Promise<void> {
  const left = await rig.count(`orders WHERE id = ANY ($1::uuid[]) AND status <> 'CANCELLED'`, [ids]);
  if (left > 0) scene.violated(`${what}: ${left} order(s) were not cancelled`);
}

export const cancelling: Cell = {
  name: 'cancelling',
  fault: 'kill -9 at each step of a cancel',
  async play(scene) {
    const rig = await rigWithKeeper(scene);
    let victim = await rig.worker('execution');
    for (const point of ['cancel-marked', 'cancel-sent', 'cancel-booked'] as const) {
      const ids = await restingOrders(rig);
      const at = `${point}@${scene.draws.whole(1, 4)}` as const;
      const provoke = () => Promise.all(ids.map((id) => rig.cancel(id)));
      victim = await dieAt(scene, { rig, victim, at, provoke, roles: 'execution' });
      await expectCancelled(scene, rig, ids, point);
    }
  },
};
