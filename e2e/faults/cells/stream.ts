import type { Cell } from '../cell';
import { IN_PARTS, MARKETABLE, RESTING, type Rig, SYMBOLS, THIN } from '../harness/rig';
import { fillUp } from './filling';

const ALL = 1_000_000;

const DISTURBANCES = [
  { what: 'duplicated', stream: { duplicate: ALL } },
  { what: 'reordered', stream: { reorder: true } },
  { what: 'delayed', stream: { delay_ms: 3_000 } },
  { what: 'delayed, duplicated and reordered', stream: { delay_ms: 700, duplicate: 0.5, reorder: true } },
  { what: 'half of them lost, the rest duplicated', stream: { drop: 0.5, duplicate: ALL } },
] as const;

async function trade(rig: Rig): Promise<void> {
  await Promise.all(SYMBOLS.map((symbol) => rig.pin(symbol, THIN)));
  const resting = await rig.placeEach({ limit: RESTING });
  await rig.placeEach({ qty: IN_PARTS, limit: MARKETABLE });
  await fillUpBut(rig, resting);
}

/** Everything that is to fill has filled; what rests is cancelled. */
async function fillUpBut(rig: Rig, resting: readonly string[]): Promise<void> {
  await rig.reach(resting, ['ACCEPTED']);
  await Promise.all(resting.map((id) => rig.cancel(id)));
  await fillUp(rig);
}

export const stream: Cell = {
  name: 'stream',
  fault: 'trade events duplicated, delayed, reordered, split, lost',
  async play(scene) {
    const rig = await scene.rig();
    await rig.worker();
    for (const { what, stream: disturbance } of DISTURBANCES) {
      await rig.reconciled();
      await rig.faults({ stream: disturbance });
      await trade(rig);
      await scene.judge(rig, what);
      await rig.noFaults();
    }
  },
};
