import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Cell } from '../cell';
import { MARKETABLE, RESTING, type Rig } from '../harness/rig';
import { until } from '../harness/wait';
import { inDoubt } from './answers';

/** From one to the next the worker's clock steps by five minutes, forwards and back. */
const STEPS = [
  { to: '+300', effect: 'late' },
  { to: '+0', effect: 'none' },
  { to: '-300', effect: 'none' },
  { to: '+0', effect: 'late' },
] as const;
const LIBRARIES = '/usr/lib';

/** Debian's libfaketime. @throws Error when it is not installed */
function findLibrary(): string {
  for (const folder of readdirSync(LIBRARIES)) {
    const found = path.join(LIBRARIES, folder, 'faketime/libfaketimeMT.so.1');
    try {
      readdirSync(path.dirname(found));
      return found;
    } catch {
      // Another architecture's, or something else altogether.
    }
  }
  throw new Error('libfaketime is not installed: apt-get install faketime');
}

/** Only the time of day steps: timers go by the monotonic clock, as after a step of a real one. */
function fakeClock(rig: Rig): { env: Record<string, string>; step: (to: string) => void } {
  const file = path.join(rig.folder, 'clock');
  const step = (to: string) => writeFileSync(file, `${to}\n`);
  step('+0');
  const env = {
    LD_PRELOAD: findLibrary(),
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
  };
  return { env, step };
}

export const clock: Cell = {
  name: 'clock',
  fault: "the worker's clock steps by five minutes, both ways",
  async play(scene) {
    const rig = await scene.rig();
    const { env, step } = fakeClock(rig);
    await rig.worker('', env);
    await rig.reconciled();
    for (const { to, effect } of STEPS) {
      const before = await inDoubt(rig);
      // Some are in doubt as the clock steps: the broker takes them in after we gave up, or never.
      await rig.faults({ hang_ms: 3_500, hang_effect: effect, only: ['^POST /v2/orders'] });
      await rig.placeEach({ limit: scene.draws.pick([MARKETABLE, RESTING]) });
      await until('a submission in doubt', async () => (await inDoubt(rig)) > before);
      step(to);
      await rig.noFaults();
      await scene.judge(rig, `the clock shows ${to} s`);
      await rig.placeEach({ limit: MARKETABLE });
      await scene.judge(rig, `while it shows ${to} s`);
    }
  },
};
