import type { Cell } from '../cell';
import { MARKETABLE, RESTING } from '../harness/rig';
import { delay } from '../harness/wait';

const KILLS = 4;

export const broker: Cell = {
  name: 'broker',
  fault: 'broker killed and started again in the middle',
  async play(scene) {
    const rig = await scene.rig();
    await rig.worker();
    for (let n = 1; n <= KILLS; n += 1) {
      await rig.reconciled();
      const ids = await rig.placeEach({ limit: scene.draws.pick([MARKETABLE, RESTING]) });
      if (n % 2 === 0) {
        await rig.reach(ids, ['ACCEPTED', 'PARTIALLY_FILLED', 'FILLED']);
        await Promise.all(ids.map((id) => rig.cancel(id).catch(() => undefined)));
      }
      const afterMs = scene.draws.whole(0, 120);
      await delay(afterMs);
      await rig.restartSimulator();
      await scene.judge(rig, `${n % 2 === 0 ? 'cancels' : 'orders'} on their way for ${afterMs} ms`);
    }
  },
};
