import { setTimeout as delay } from 'node:timers/promises';
import { parseUnits } from '@/server/kernel/money';
import type { Cell, Scene } from '../cell';
import { IN_PARTS, MARKETABLE, type Rig, SYMBOLS, THIN } from '../harness/rig';
import { TESTER } from '../harness/tester';
import { until } from '../harness/wait';
import { dieAt, rigWithKeeper } from './steps';

const STOP = '95';
/** Longer than protection may take once its fault has cleared. */
const LIMIT_MS = 40_000;

interface Position {
  readonly symbol: string;
  readonly qty: string;
}

interface OpenOrder {
  readonly symbol: string;
  readonly side: string;
  readonly type: string;
  readonly qty: string;
  readonly filled_qty: string;
}

/** What is wrong in the broker's own ledger: every position has working stops for exactly its shares, and nothing is short. */
async function unprotected(rig: Rig): Promise<string[]> {
  const [positions, open] = await Promise.all([
    rig.sim<Position[]>('GET', '/v2/positions'),
    rig.sim<OpenOrder[]>('GET', '/v2/orders?status=open&limit=500'),
  ]);
  return SYMBOLS.flatMap((symbol) => {
    const held = parseUnits(positions.find((each) => each.symbol === symbol)?.qty ?? '0');
    const stops = open
      .filter((order) => order.symbol === symbol && order.side === 'sell' && order.type === 'stop')
      .reduce((sum, { qty, filled_qty }) => sum + parseUnits(qty) - parseUnits(filled_qty), 0n);
    if (held < 0n) return [`${symbol} is short`];
    return stops === held ? [] : [`${symbol}: stops for ${stops} of ${held}`];
  });
}

async function expectProtected(scene: Scene, rig: Rig, what: string): Promise<void> {
  await until('every position to have its stop', async () => (await unprotected(rig)).length === 0, LIMIT_MS).catch(
    async () => {
      for (const wrong of await unprotected(rig)) scene.violated(`${what}: unprotected: ${wrong}`);
    },
  );
}

/** A part of each position is closed, and then the rest: the stop follows. */
async function closeInParts(scene: Scene, rig: Rig, what: string): Promise<void> {
  await rig.reconciled();
  await rig.reach(await rig.placeEach({ side: 'SELL', qty: '1' }), ['FILLED']);
  await expectProtected(scene, rig, `${what}, a part closed`);
  const asked = await rig.commands.flattenAll(TESTER, 'test');
  if (!asked.ok) throw new Error(asked.message);
  const flat = async () => (await rig.sim<unknown[]>('GET', '/v2/positions')).length === 0;
  await until('every position to be closed', flat, LIMIT_MS).catch((error: unknown) => {
    scene.violated(`${what}: a position was not closed: ${String(error)}`);
  });
  await until('every exit to end', async () => (await rig.count('exits WHERE ended_at IS NULL')) === 0, LIMIT_MS);
  await expectProtected(scene, rig, `${what}, closed`);
}

/** Entries with stops; the sender dies at each step of placing, sending and booking them. */
export const stops: Cell = {
  name: 'stops',
  fault: 'kill -9 at each step of a protective stop; replies lost; SIGSTOP past the lease; entries filled in part',
  async play(scene) {
    const rig = await rigWithKeeper(scene);
    const enter = () => rig.placeEach({ limit: MARKETABLE, qty: '2', stopLoss: STOP });
    let victim = await rig.worker('execution');
    // The first passes are those of the entries.
    for (const point of [
      'stop-placed',
      'claimed',
      'before-send',
      'after-send',
      'answer-booked',
      'booking-committed',
    ] as const) {
      const least = point === 'stop-placed' ? 1 : SYMBOLS.length + 1;
      const at = `${point}@${scene.draws.whole(least, least + SYMBOLS.length - 1)}` as const;
      victim = await dieAt(scene, { rig, victim, at, provoke: enter, roles: 'execution' });
      await expectProtected(scene, rig, at);
      await closeInParts(scene, rig, at);
    }

    await rig.faults({ drop_reply_after_accept: SYMBOLS.length * 2 });
    await rig.reach(await enter(), ['FILLED']);
    await expectProtected(scene, rig, 'replies lost');
    await rig.noFaults();
    await scene.judge(rig, 'replies lost');
    await closeInParts(scene, rig, 'replies lost');

    victim.arm('stop-placed=stop');
    await enter();
    await victim.stands();
    const second = await rig.worker('execution');
    await expectProtected(scene, rig, 'SIGSTOP');
    victim.disarm();
    victim.signal('SIGCONT');
    await expectProtected(scene, rig, 'SIGCONT');
    await victim.end('SIGKILL');
    await closeInParts(scene, rig, 'SIGSTOP');
    await scene.judge(rig, 'SIGSTOP');

    // Two of three parts fill; the rest is cancelled after 5 s, and what is held gets its stop.
    await Promise.all(SYMBOLS.map((symbol) => rig.pin(symbol, THIN)));
    const entries = await rig.placeEach({ limit: MARKETABLE, qty: IN_PARTS, stopLoss: STOP });
    await rig.reach(entries, ['PARTIALLY_FILLED']);
    second.signal('SIGKILL');
    await rig.worker('execution');
    await rig.reach(entries, ['FILLED', 'CANCELLED']);
    await expectProtected(scene, rig, 'filled in part');
    await Promise.all(SYMBOLS.map((symbol) => rig.pin(symbol)));
    await closeInParts(scene, rig, 'filled in part');
    await scene.judge(rig, 'filled in part');
  },
};

const workingStops = async (rig: Rig) =>
  (await rig.sim<{ id: string }[]>('GET', '/v2/orders?status=open&limit=500')).map(({ id }) => id).sort();

/** The hold looks every 5 s, and leaves stops alone (H-2). */
async function expectKept(scene: Scene, rig: Rig, what: string): Promise<void> {
  const before = await workingStops(rig);
  await delay(6_000);
  const after = await workingStops(rig);
  for (const id of before) if (!after.includes(id)) scene.violated(`${what}: the stop ${id} was cancelled in the hold`);
}

/** A halt ends the stops with everything else; they come back when it is verified, and the next halt ends them again. */
export const haltedStops: Cell = {
  name: 'halted-stops',
  fault: 'halts while positions have stops; kill -9 between the cancel of everything and the verification',
  async play(scene) {
    const rig = await rigWithKeeper(scene);
    let victim = await rig.worker('execution');
    await rig.reach(await rig.placeEach({ limit: MARKETABLE, qty: '2', stopLoss: STOP }), ['FILLED']);
    await expectProtected(scene, rig, 'before a halt');
    for (const at of [null, 'halt-cancelled', 'stop-placed'] as const) {
      const what = at === null ? 'a halt' : `a halt, kill -9 at ${at}`;
      // The keeper carries halts out; the sender places the stops.
      if (at === 'stop-placed') victim.arm(at);
      await rig.halt();
      if (at === 'halt-cancelled') {
        await victim.end('SIGKILL');
        victim = await rig.worker('execution');
      }
      if (at === 'stop-placed') {
        await victim.died();
        victim = await rig.worker('execution');
      }
      const verified = async () =>
        (await rig.count('halts h JOIN trading_state t ON t.halt_id = h.id WHERE h.verified_at IS NOT NULL')) > 0;
      await until('the verification', verified, LIMIT_MS);
      await expectProtected(scene, rig, what);
      await expectKept(scene, rig, what);
      await scene.judge(rig, what);
      await rig.release();
      await expectProtected(scene, rig, `${what}, released`);
    }
    await closeInParts(scene, rig, 'after the halts');
    await scene.judge(rig, 'after the halts');
  },
};
