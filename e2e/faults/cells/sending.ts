import type { Cell, Scene } from '../cell';
import type { Victim } from '../harness/processes';
import { MARKETABLE, RESTING, type Rig } from '../harness/rig';
import { until } from '../harness/wait';

const REST = 'ingest,portfolio,maintenance';
const ONLY_POSTS = ['^POST /v2/orders'];

/** Everything but the sender, which dies: the gate's view of the world stays fresh meanwhile. */
export async function rigWithKeeper(scene: Scene): Promise<Rig> {
  const rig = await scene.rig();
  await rig.worker(REST);
  await rig.reconciled();
  return rig;
}

const submissions = (rig: Rig) => rig.count(`orders WHERE submit_attempts > 0`);

/** Five orders at once, some of which fill and some of which rest. */
const placeFive = (rig: Rig, scene: Scene) => rig.placeEach({ limit: scene.draws.pick([MARKETABLE, RESTING]) });

/** Killed at a named point with five orders in flight; the next one carries them to an answer. */
async function dieAt(
  scene: Scene,
  rig: Rig,
  victim: Victim,
  point: 'claimed' | 'before-send' | 'after-send' | 'answer-booked',
) {
  const nth = scene.draws.whole(1, 3);
  victim.arm(`${point}@${nth}`);
  await placeFive(rig, scene);
  await victim.died();
  const next = await rig.worker('execution');
  await scene.judge(rig, `${point} (${nth})`);
  return next;
}

/** The requests have left and the broker has taken them in; their answers find nobody. */
async function dieWhileTheAnswersAreOut(scene: Scene, rig: Rig, victim: Victim): Promise<Victim> {
  await rig.faults({ hang_ms: 1_500, hang_effect: 'accept', only: ONLY_POSTS });
  const before = await submissions(rig);
  await placeFive(rig, scene);
  await until('the claims', async () => (await submissions(rig)) === before + 5);
  await until('the orders at the broker', async () => {
    const open = await rig.sim<unknown[]>('GET', '/v2/orders?status=all&limit=500');
    return open.length >= before + 3;
  });
  await victim.end('SIGKILL');
  await rig.noFaults();
  const next = await rig.worker('execution');
  await scene.judge(rig, 'sent, answer not yet come');
  return next;
}

export const sending: Cell = {
  name: 'sending',
  fault: 'kill -9 at each step of a submission',
  async play(scene) {
    const rig = await rigWithKeeper(scene);
    let victim = await rig.worker('execution');
    for (const point of ['claimed', 'before-send', 'after-send', 'answer-booked'] as const) {
      victim = await dieAt(scene, rig, victim, point);
    }
    await dieWhileTheAnswersAreOut(scene, rig, victim);
  },
};

export const doubt: Cell = {
  name: 'doubt',
  fault: 'kill -9 while a submission is in doubt',
  async play(scene) {
    const rig = await rigWithKeeper(scene);
    let victim = await rig.worker('execution');
    // Taken in and never answered: the look-up finds it, and then the finder dies.
    await rig.faults({ drop_reply_after_accept: 3 });
    victim.arm('looked-up');
    await placeFive(rig, scene);
    await victim.died();
    await rig.noFaults();
    victim = await rig.worker('execution');
    await scene.judge(rig, 'looked-up');
    // Never taken in: certainly absent, and whoever knows dies before it sends again.
    for (const point of ['absent-booked', 'reclaimed'] as const) {
      await rig.faults({ hang_ms: 2_500, hang_effect: 'none', only: ONLY_POSTS });
      victim.arm(point);
      await placeFive(rig, scene);
      await victim.died();
      await rig.noFaults();
      victim = await rig.worker('execution');
      await scene.judge(rig, point);
    }
  },
};
