import type { Cell } from '../cell';
import { MARKETABLE, RESTING } from '../harness/rig';

const POINTS = ['relay-marked', 'relay-notified', 'relay-committed'] as const;
const OTHERS = 'ingest,pipeline,execution,portfolio';

/** The relay dies around the commit that publishes, and the consumer around the commit that counts an event as handled. */
export const publishing: Cell = {
  name: 'publishing',
  fault: 'kill -9 as events are published and handled',
  async play(scene) {
    const rig = await scene.rig();
    await rig.worker(OTHERS);
    let relay = await rig.worker('maintenance');
    await rig.reconciled();
    for (const at of POINTS) {
      relay.arm(at);
      await rig.placeEach({ limit: scene.draws.pick([MARKETABLE, RESTING]) });
      await relay.died();
      relay = await rig.worker('maintenance');
      await scene.judge(rig, at);
    }
    for (const point of ['event-worked', 'event-committed'] as const) {
      rig.consumer.arm(`${point}@${scene.draws.whole(1, 6)}`);
      await rig.placeEach({ limit: MARKETABLE });
      await rig.consumer.died();
      await rig.consume();
      await scene.judge(rig, point);
    }
  },
};
