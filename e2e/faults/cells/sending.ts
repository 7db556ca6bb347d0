import type { Cell, Scene } from '../cell';
import type { Victim } from '../harness/processes';
import { MARKETABLE, RESTING, type Rig } from '../harness/rig';
import { until } from '../harness/wait';
import { dieAt, rigWithKeeper } from './steps';

const ONLY_POSTS = ['^POST /v2/orders'];
const ORDERS = 5;

/** Five orders at once, which fill or rest. */
const placeFive = (rig: Rig, scene: Scene) => rig.placeEach({ limit: scene.draws.pick([MARKETABLE, RESTING]) });

/** The requests have left and the broker has taken them in; their answers find nobody. */
async function dieWhileAnswersAreOut(scene: Scene, rig: Rig, victim: Victim): Promise<void> {
  const atBroker = async () => (await rig.sim<unknown[]>('GET', '/v2/orders?status=all&limit=500')).length;
  const before = await atBroker();
  await rig.faults({ hang_ms: 1_500, hang_effect: 'accept', only: ONLY_POSTS });
  await placeFive(rig, scene);
  await until('the orders at the broker', async () => (await atBroker()) === before + ORDERS);
  await victim.end('SIGKILL');
  await rig.noFaults();
  await rig.worker('execution');
  await scene.judge(rig, 'sent, the answer not come');
}

export const sending: Cell = {
  name: 'sending',
  fault: 'kill -9 at each step of a submission',
  async play(scene) {
    const rig = await rigWithKeeper(scene);
    let victim = await rig.worker('execution');
    for (const point of ['claimed', 'before-send', 'after-send', 'answer-booked'] as const) {
      const at = `${point}@${scene.draws.whole(1, 3)}` as const;
      victim = await dieAt(scene, { rig, victim, at, provoke: () => placeFive(rig, scene), roles: 'execution' });
    }
    await dieWhileAnswersAreOut(scene, rig, victim);
  },
};

export const doubt: Cell = {
  name: 'doubt',
  fault: 'kill -9 while a submission is in doubt',
  async play(scene) {
    const rig = await rigWithKeeper(scene);
    const place = () => placeFive(rig, scene);
    let victim = await rig.worker('execution');
    // Taken in and never answered, and the stream tells nothing: the look-up finds it, and then the finder dies.
    await rig.faults({ drop_reply_after_accept: 3, stream: { drop: 1_000_000 } });
    victim = await dieAt(scene, { rig, victim, at: 'looked-up', provoke: place, roles: 'execution' });
    // Never taken in: certainly absent, and the worker that knows this dies before it sends again.
    for (const at of ['absent-booked', 'reclaimed'] as const) {
      await rig.faults({ hang_ms: 2_500, hang_effect: 'none', only: ONLY_POSTS });
      victim = await dieAt(scene, { rig, victim, at, provoke: place, roles: 'execution' });
    }
  },
};
