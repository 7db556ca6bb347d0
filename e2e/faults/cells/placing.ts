import { z } from 'zod';
import type { Cell } from '../cell';
import { until } from '../harness/wait';

const answerSchema = z.object({ kind: z.string(), orderId: z.string().optional() });

/** Whoever asks dies around the commit of the intent, and a client repeats itself under the same key. */
export const placing: Cell = {
  name: 'placing',
  fault: 'kill -9 before and after an intent is committed',
  async play(scene) {
    const rig = await scene.rig();
    await rig.worker();
    await rig.reconciled();
    for (const at of [
      'intent-before-commit',
      'intent-committed',
      'intent-before-commit',
      'intent-committed',
    ] as const) {
      const order = await rig.wish({ limit: scene.draws.pick(['99.5', '100.01']) });
      const key = order.signal_id;
      const first = await rig.client();
      first.victim.arm(at);
      if ((await first.ask({ op: 'place', key, order })) !== null)
        scene.violated(`${at}: the dying client had an answer`);
      const ids = new Set<string>();
      for (const client of [await rig.client(), await rig.client()]) {
        const answer = answerSchema.parse(await client.ask({ op: 'place', key, order }));
        if (answer.orderId === undefined) scene.violated(`${at}: the repetition got ${answer.kind}`);
        else ids.add(answer.orderId);
        await client.victim.end('SIGKILL');
      }
      const stored = await rig.count('orders WHERE signal_id = $1', [order.signal_id]);
      if (ids.size !== 1 || stored !== 1) scene.violated(`${at}: ${ids.size} answers, ${stored} orders`);
      await until('the order to be sent', async () => (await rig.count(`orders WHERE status = 'NEW'`)) === 0);
      await scene.judge(rig, at);
    }
  },
};
