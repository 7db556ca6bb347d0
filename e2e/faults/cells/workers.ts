import type { Cell, Scene } from '../cell';
import type { Victim } from '../harness/processes';
import { MARKETABLE, RESTING, type Rig } from '../harness/rig';
import { delay, until } from '../harness/wait';

const LEASE_MS = 6_000;
/** Asking for the lease again takes a second, and the machine may be busy. */
const TAKE_OVER_MS = LEASE_MS + 3_000;

const token = async (rig: Rig) =>
  Number(await rig.value(`SELECT token FROM leases WHERE name = 'execution' AND expires_at > clock_timestamp()`));

/** Which of the workers holds the execution lease: holders are named after the process. */
async function acting(rig: Rig, workers: readonly Victim[]): Promise<Victim> {
  const held = `SELECT holder FROM leases WHERE name = 'execution' AND expires_at > clock_timestamp()`;
  await until('a holder of the lease', async () => (await rig.value(held)) !== null);
  const holder = (await rig.value(held)) ?? '';
  const found = workers.find(({ pid }) => holder.includes(`-${pid}-`));
  if (found === undefined) throw new Error(`none of the workers is ${holder}`);
  return found;
}

export const two: Cell = {
  name: 'two-workers',
  fault: 'two workers at once; the one that acts is killed',
  async play(scene) {
    const rig = await scene.rig();
    let workers: readonly Victim[] = await Promise.all([rig.worker(), rig.worker()]);
    for (let n = 1; n <= 3; n += 1) {
      await rig.reconciled();
      const first = await acting(rig, workers);
      const before = await token(rig);
      await rig.placeEach({ limit: scene.draws.pick([MARKETABLE, RESTING]) });
      await delay(scene.draws.whole(0, 60));
      const killedMs = performance.now();
      await first.end('SIGKILL');
      await until('the other to take over', async () => (await token(rig)) > before, 30_000);
      const tookMs = Math.round(performance.now() - killedMs);
      if (tookMs > TAKE_OVER_MS) scene.violated(`the other took over only after ${tookMs} ms`);
      await scene.judge(rig, `taken over after ${tookMs} ms`);
      workers = [...workers.filter((each) => each !== first), await rig.worker()];
    }
  },
};

interface Sleeper {
  readonly rig: Rig;
  readonly at: 'claimed' | 'before-send' | 'booking-written';
}

/** One stands still past its lease with orders half done; another takes over; the first goes on as if nothing had been. */
async function sleepPastTheLease(scene: Scene, { rig, at }: Sleeper, sleeper: Victim): Promise<Victim> {
  const before = await token(rig);
  sleeper.arm(`${at}=stop`);
  const ids = await rig.placeEach({ limit: scene.draws.pick([MARKETABLE, RESTING]) });
  await sleeper.stands();
  const second = await rig.worker('execution');
  await until('the second to take over', async () => (await token(rig)) > before, 30_000);
  await rig.reach(ids, ['ACCEPTED', 'FILLED', 'CANCELLED']);
  sleeper.disarm();
  sleeper.signal('SIGCONT');
  // A send already past its check leaves late: its client order id makes it the same order. While one order's answer is being
  // booked others are at that point too; when the first of them has only been claimed, none is.
  await scene.judge(rig, `stood still at ${at}`, at === 'claimed' ? {} : { sentLate: ids });
  await sleeper.end('SIGKILL');
  return second;
}

/**
 * The second has found an order absent and is about to send it again; it stands still in its turn while the first goes on.
 * Only the fence keeps the first from sending what it had claimed: two sends with no look-up between them.
 */
async function bothAboutToSend(scene: Scene, rig: Rig, first: Victim): Promise<Victim> {
  // What the first sends reaches no stream: the second knows only what is stored.
  await rig.faults({ stream: { drop: 1_000_000 } });
  first.arm('claimed=stop');
  const before = await token(rig);
  await rig.place({ limit: RESTING });
  await first.stands();
  const second = await rig.worker('execution');
  second.arm('reclaimed=stop');
  await second.stands(30_000);
  if ((await token(rig)) <= before) scene.violated('the second acts without the lease');
  first.disarm();
  first.signal('SIGCONT');
  await delay(400);
  second.disarm();
  second.signal('SIGCONT');
  await scene.judge(rig, 'both about to send');
  await rig.noFaults();
  await first.end('SIGKILL');
  return second;
}

export const sleepers: Cell = {
  name: 'sleepers',
  fault: 'SIGSTOP past the lease, a second worker, SIGCONT',
  async play(scene) {
    const rig = await scene.rig();
    await rig.worker('ingest,pipeline,portfolio,maintenance');
    let worker = await rig.worker('execution');
    await rig.reconciled();
    for (const at of ['claimed', 'before-send', 'booking-written'] as const) {
      worker = await sleepPastTheLease(scene, { rig, at }, worker);
    }
    for (let n = 1; n <= 2; n += 1) worker = await bothAboutToSend(scene, rig, worker);
  },
};

export const anywhere: Cell = {
  name: 'anywhere',
  fault: 'kill -9 of the whole worker at any moment',
  async play(scene) {
    const rig = await scene.rig();
    let worker = await rig.worker();
    for (let n = 1; n <= 5; n += 1) {
      await rig.reconciled();
      const ids = await rig.placeEach({ limit: MARKETABLE });
      const resting = await rig.placeEach({ limit: RESTING });
      await rig.reach([...ids, ...resting], ['NEW', 'ACCEPTED', 'PARTIALLY_FILLED', 'FILLED']);
      await Promise.all(resting.slice(0, 2).map((id) => rig.cancel(id).catch(() => undefined)));
      const afterMs = scene.draws.whole(0, 300);
      await delay(afterMs);
      await worker.end('SIGKILL');
      worker = await rig.worker();
      await scene.judge(rig, `after ${afterMs} ms`);
    }
  },
};
