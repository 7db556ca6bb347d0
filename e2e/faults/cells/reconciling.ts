import type { Cell } from '../cell';
import { MARKETABLE, RESTING } from '../harness/rig';

const OTHERS = 'ingest,pipeline,execution,maintenance';

/** Nothing comes by the stream: reconciliation alone tells of the fills, and dies in the middle of telling. */
export const reconciling: Cell = {
  name: 'reconciling',
  fault: 'kill -9 in the middle of a reconciliation',
  async play(scene) {
    const rig = await scene.rig();
    await rig.worker(OTHERS);
    let victim = await rig.worker('portfolio');
    await rig.reconciled();
    for (const at of ['reconcile-orders-done', 'reconcile-compared', 'reconcile-saved'] as const) {
      await rig.faults({ stream: { drop: 1_000_000 } });
      await rig.placeEach({ limit: scene.draws.pick([MARKETABLE, RESTING]) });
      victim.arm(at);
      await victim.died();
      victim = await rig.worker('portfolio');
      await scene.judge(rig, at);
      await rig.noFaults();
    }
  },
};
