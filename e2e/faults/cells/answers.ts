import type { Cell } from '../cell';
import { MARKETABLE, RESTING, type Rig } from '../harness/rig';
import { until } from '../harness/wait';

const ONLY_POSTS = ['^POST /v2/orders'];
const ONLY_CANCELS = ['^DELETE /v2/orders'];

/** What becomes of requests whose answer never comes, in each way in which it can fail to. */
const REPLIES = [
  { what: 'taken in, connection closed', faults: { drop_reply_after_accept: 4 } },
  { what: 'taken in, answered too late', faults: { hang_ms: 2_600, hang_effect: 'accept', only: ONLY_POSTS } },
  { what: 'never taken in', faults: { hang_ms: 2_600, hang_effect: 'none', only: ONLY_POSTS } },
  { what: 'taken in after we gave up', faults: { hang_ms: 2_400, hang_effect: 'late', only: ONLY_POSTS } },
  { what: '500, taken in all the same', faults: { fail_5xx: 4, fail_effect: 'accept', only: ONLY_POSTS } },
] as const;

/** Sends whose answer was lost. */
export const inDoubt = (rig: Rig) =>
  rig.count(`execution_events WHERE type = 'sent' AND data->>'outcome' = 'uncertain'`);

export const replies: Cell = {
  name: 'replies',
  fault: 'answers to orders and cancels dropped or late',
  async play(scene) {
    const rig = await scene.rig();
    await rig.worker();
    for (const { what, faults } of REPLIES) {
      await rig.reconciled();
      // The stream is silent: a look-up is the only way to learn what became of them.
      await rig.faults({ ...faults, stream: { drop: 1_000_000 } });
      const before = await inDoubt(rig);
      await rig.placeEach({ limit: scene.draws.pick([MARKETABLE, RESTING]) });
      await until('a submission in doubt', async () => (await inDoubt(rig)) > before);
      await rig.noFaults();
      await scene.judge(rig, what);
    }
    const ids = await rig.placeEach({ limit: RESTING });
    await rig.reach(ids, ['ACCEPTED']);
    await rig.faults({ drop_reply_after_accept: 3, only: ONLY_CANCELS });
    await Promise.all(ids.map((id) => rig.cancel(id)));
    await rig.reach(ids, ['CANCELLED']);
    await rig.noFaults();
    await scene.judge(rig, 'cancels, connection closed');
  },
};

const STORM_MS = 9_000;

/** Seven of ten requests fail, of whatever kind: nothing may be concluded from any of them. */
export const storm: Cell = {
  name: 'storm',
  fault: '5xx storm over every endpoint',
  async play(scene) {
    const rig = await scene.rig();
    await rig.worker();
    await rig.reconciled();
    // Something is held and something works: what a failed query must not be read as the end of.
    await rig.reach(await rig.placeEach({ limit: MARKETABLE }), ['FILLED']);
    await rig.reach(await rig.placeEach({ limit: RESTING }), ['ACCEPTED']);
    await rig.reconciled();
    for (const effect of ['none', 'accept'] as const) {
      await rig.faults({ fail_5xx: 0.7, fail_effect: effect });
      await rig.placeEach({ limit: scene.draws.pick([MARKETABLE, RESTING]) });
      const sinceMs = performance.now();
      await until('the storm to blow itself out', () => performance.now() - sinceMs > STORM_MS);
      await rig.noFaults();
      await scene.judge(rig, `requests fail, effect: ${effect}`);
    }
    // Positions alone cannot be read: that is not "no positions".
    await rig.faults({ fail_5xx: 1_000, only: ['^GET /v2/positions'] });
    const failed = async () => (await rig.count('accounts WHERE failed_rounds > 0')) > 0;
    // A break would be wrong: the judgement says so.
    const seen = async () => (await failed()) || (await rig.count('breaks')) > 0;
    await until('a failed round', seen, 20_000);
    await rig.noFaults();
    await scene.judge(rig, 'the positions cannot be read');
  },
};
