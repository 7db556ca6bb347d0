import type { Cell, Scene } from '../cell';
import { RESTING, type Rig } from '../harness/rig';
import { until } from '../harness/wait';

const verified = (rig: Rig) => async () =>
  (await rig.count('halts h JOIN trading_state t ON t.halt_id = h.id WHERE h.verified_at IS NOT NULL')) > 0;

/** Sees the halt through, judges, and lets trading go on for the next one. */
async function seeThrough(scene: Scene, rig: Rig, what: string): Promise<void> {
  await until('the verification', verified(rig), 30_000);
  const working = await rig.sim<unknown[]>('GET', '/v2/orders?status=open');
  if (working.length > 0) scene.violated(`${what}: ${working.length} order(s) work although the halt is verified`);
  await scene.judge(rig, what);
  await rig.release();
}

export const halting: Cell = {
  name: 'halting',
  fault: 'kill -9 of who halts, and of who carries it out',
  async play(scene) {
    const rig = await scene.rig();
    let worker = await rig.worker();
    await rig.reconciled();
    // Whoever halts dies: committed is committed, and the worker finishes what is left.
    for (const at of ['halt-requested', 'halt-audited', 'halt-acknowledged'] as const) {
      await rig.reach(await rig.placeEach({ limit: RESTING }), ['ACCEPTED']);
      const client = await rig.client();
      client.victim.arm(at);
      if ((await client.ask({ op: 'halt', reason: at })) !== null)
        scene.violated(`${at}: the dying client had an answer`);
      await seeThrough(scene, rig, at);
    }
    for (const at of ['halt-cancelled', 'halt-verified'] as const) {
      await rig.reach(await rig.placeEach({ limit: RESTING }), ['ACCEPTED']);
      worker.arm(at);
      await rig.halt();
      await worker.died();
      worker = await rig.worker();
      await seeThrough(scene, rig, at);
    }
  },
};

/**
 * A sender that has claimed its orders stands still, a halt is acknowledged meanwhile, the sender goes on within its lease:
 * the last look before the send is all that keeps the order from leaving.
 */
export const halted: Cell = {
  name: 'halted',
  fault: 'halt between the claim and the send',
  async play(scene) {
    const rig = await scene.rig();
    await rig.worker('ingest,pipeline,portfolio,maintenance');
    const sender = await rig.worker('execution');
    await rig.reconciled();
    for (let n = 1; n <= 2; n += 1) {
      sender.arm('claimed=stop');
      const ids = await rig.placeEach({ limit: RESTING });
      await sender.stands();
      await rig.halt();
      sender.disarm();
      sender.signal('SIGCONT');
      await seeThrough(scene, rig, `halt ${n}`);
      const sent = await rig.count(`orders WHERE id = ANY ($1::uuid[]) AND external_order_id IS NOT NULL`, [ids]);
      if (sent > 0) scene.violated(`halt ${n}: ${sent} order(s) left after it was acknowledged`);
    }
  },
};
