import type { Scene } from '../cell';
import type { Arming, Victim } from '../harness/processes';
import type { Rig } from '../harness/rig';

/** Everything but the sender: the gate's view of the world stays fresh while the sender dies. */
const REST = 'ingest,pipeline,portfolio,maintenance';

/** A rig whose sender may die. */
export async function rigWithKeeper(scene: Scene, simulator: Readonly<Record<string, string>> = {}): Promise<Rig> {
  const rig = await scene.rig({ simulator });
  await rig.worker(REST);
  await rig.reconciled();
  return rig;
}

export interface Death {
  readonly rig: Rig;
  readonly victim: Victim;
  readonly at: Arming;
  /** What makes it come by there. */
  readonly provoke: () => Promise<unknown>;
  /** Roles of the one that takes its place. */
  readonly roles: string;
}

/** Arms, provokes, waits for the death, starts the next one, and judges when all has come to rest. @returns the next one */
export async function dieAt(scene: Scene, { rig, victim, at, provoke, roles }: Death): Promise<Victim> {
  victim.arm(at);
  await provoke();
  await victim.died();
  await rig.noFaults();
  const next = await rig.worker(roles);
  await scene.judge(rig, at);
  return next;
}
