import type { Cell, Scene } from '../cell';
import { MARKETABLE, RESTING, type Rig, SYMBOLS } from '../harness/rig';
import { TESTER } from '../harness/tester';
import { until } from '../harness/wait';
import { rigWithKeeper } from './steps';

/** Longer than an exit may take once its fault has cleared. */
const EXIT_LIMIT_MS = 30_000;
/** Rests above the market. */
const SELL_ABOVE = '101';

/** Two shares of each symbol are held. */
async function hold(rig: Rig): Promise<void> {
  await rig.reconciled();
  await rig.reach(await rig.placeEach({ limit: MARKETABLE, qty: '2' }), ['FILLED']);
  await rig.reconciled();
}

/** Closes everything, and says what did not come to its end. */
async function flatten(scene: Scene, rig: Rig, what: string): Promise<void> {
  const asked = await rig.commands.flattenAll(TESTER, 'test');
  if (!asked.ok || asked.exitIds.length !== SYMBOLS.length) throw new Error(`not flattened: ${JSON.stringify(asked)}`);
  const closed = async () =>
    (await rig.count(`exits WHERE id = ANY ($1::uuid[]) AND outcome = 'CLOSED'`, [asked.exitIds])) === SYMBOLS.length;
  await until('every exit to end', closed, EXIT_LIMIT_MS).catch((error: unknown) => {
    scene.violated(`${what}: an exit did not end: ${String(error)}`);
  });
  const held = await rig.sim<unknown[]>('GET', '/v2/positions');
  if (held.length > 0) scene.violated(`${what}: ${held.length} position(s) are still held at the broker`);
  const refused = await rig.count(`orders WHERE exit_id IS NOT NULL AND status = 'REJECTED'`);
  if (refused > 0) scene.violated(`${what}: ${refused} order(s) of exits were refused`);
}

/** Part of what is held is free: it is sold although the cancel of the rest's order is refused, and the rest follows. */
export const refusedCancel: Cell = {
  name: 'refused-cancel',
  fault: 'cancels refused while a position is closed',
  async play(scene) {
    const rig = await scene.rig();
    await rig.worker();
    for (const times of [1, 3]) {
      await hold(rig);
      await rig.reach(await rig.placeEach({ side: 'SELL', limit: SELL_ABOVE }), ['ACCEPTED']);
      await rig.faults({ refuse_cancels: times * SYMBOLS.length });
      await flatten(scene, rig, `refused ${times} time(s)`);
      await rig.noFaults();
      await scene.judge(rig, `refused ${times} time(s)`);
    }
  },
};

/** A purchase works and its cancel takes a while: the broker refuses a sale until it has ended. */
export const washTrade: Cell = {
  name: 'wash-trade',
  fault: 'a position is closed beside an order of the other side; kill -9 as its order is placed',
  async play(scene) {
    const rig = await rigWithKeeper(scene);
    let sender = await rig.worker('execution');
    for (const dies of [false, true]) {
      await hold(rig);
      await rig.reach(await rig.placeEach({ limit: RESTING }), ['ACCEPTED']);
      await rig.faults({ cancel_delay_ms: 1_500 });
      const what = dies ? 'kill -9' : 'slow cancels';
      if (dies) {
        sender.arm(`exit-placed@${scene.draws.whole(1, SYMBOLS.length)}`);
        const died = sender.died().then(async () => {
          sender = await rig.worker('execution');
        });
        await Promise.all([flatten(scene, rig, what), died]);
      } else await flatten(scene, rig, what);
      await rig.noFaults();
      await scene.judge(rig, what);
    }
  },
};
