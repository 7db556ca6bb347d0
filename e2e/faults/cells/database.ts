import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, openSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { Placement } from '@/server/application/placing/placement';
import type { Cell, Scene } from '../cell';
import type { Cluster } from '../harness/cluster';
import { temporaryFolder, undoWithMe } from '../harness/leftovers';
import { IN_PARTS, MARKETABLE, RESTING, type Rig, SYMBOLS, THIN } from '../harness/rig';
import { TESTER } from '../harness/tester';
import { delay, until } from '../harness/wait';

type Wish = Awaited<ReturnType<Rig['wish']>>;

/** Asks under the order's own key; null when the database was away. */
async function ask(rig: Rig, order: Wish): Promise<Placement['kind'] | null> {
  try {
    return (await rig.commands.placeOrder(TESTER, order.signal_id, order)).kind;
  } catch {
    return null;
  }
}

const answeredNow = (kind: Placement['kind'] | null) => kind === 'PLACED' || kind === 'REJECTED';

/** A client repeats what was not answered; what was answered stays so. */
async function repeat(
  scene: Scene,
  rig: Rig,
  orders: readonly Wish[],
  first: readonly (Placement['kind'] | null)[],
): Promise<void> {
  for (const [index, order] of orders.entries()) {
    await until('an answer', async () => answeredNow(await ask(rig, order)));
    const kind = await ask(rig, order);
    const before = first[index];
    if (answeredNow(before ?? null) && before !== kind)
      scene.violated(`${before} became ${kind} when it was asked again`);
    const stored = await rig.count('orders WHERE signal_id = $1', [order.signal_id]);
    if (stored !== (kind === 'PLACED' ? 1 : 0)) scene.violated(`${stored} orders for an answer ${kind}`);
  }
}

const STOPS = 3;

export const database: Cell = {
  name: 'postgres',
  fault: 'Postgres stopped with -m immediate in the middle',
  async play(scene) {
    const cluster = await scene.cluster({ durable: true });
    const rig = await scene.rig({ cluster });
    await rig.worker();
    for (let n = 1; n <= STOPS; n += 1) {
      await rig.reconciled();
      await Promise.all(SYMBOLS.map((symbol) => rig.pin(symbol, THIN)));
      await rig.placeEach({ qty: IN_PARTS, limit: MARKETABLE });
      const limit = scene.draws.pick([MARKETABLE, RESTING]);
      const orders = await Promise.all(SYMBOLS.map((symbol) => rig.wish({ symbol, limit })));
      const asked = Promise.all(orders.map((order) => ask(rig, order)));
      const afterMs = scene.draws.whole(0, 40);
      await delay(afterMs);
      await cluster.stopImmediately();
      const first = await asked;
      // The broker goes on meanwhile, and what it says finds no place to be written.
      await Promise.all(SYMBOLS.map((symbol) => rig.pin(symbol)));
      await delay(1_500);
      await cluster.startAgain();
      await repeat(scene, rig, orders, first);
      await scene.judge(rig, `stopped after ${afterMs} ms`);
    }
  },
};

const DISK_MB = 360;
const SMALL_WAL = ['max_wal_size=48MB', 'min_wal_size=32MB', 'max_connections=80', 'shared_buffers=32MB'];

/** A disk of its own, in memory. Needs root: without it nothing here can be made to run full without harm to others. */
function mountDisk(scene: Scene): string {
  const { path: disk, remove } = temporaryFolder('faults-disk');
  scene.finally(remove);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m,mode=755`, 'tmpfs', disk], { stdio: 'pipe' });
  } catch (error) {
    throw new Error('a small disk could not be mounted: run as root, with the right to mount', { cause: error });
  }
  // Detached: a server that is just ending may still look at it.
  scene.finally(undoWithMe(() => execFileSync('umount', ['-l', disk])));
  chmodSync(disk, 0o755);
  return disk;
}

/** Takes every block that is left. @returns frees them again */
function fillDisk(disk: string): () => void {
  const file = path.join(disk, 'filler');
  const handle = openSync(file, 'w');
  for (const size of [1 << 20, 4_096]) {
    const block = Buffer.alloc(size, 1);
    try {
      for (;;) writeSync(handle, block);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    }
  }
  closeSync(handle);
  return () => rmSync(file);
}

const noted = (cluster: Cluster, words: RegExp) => cluster.lines.some((line) => words.test(line));

async function placeWhatGoes(rig: Rig, limit: string): Promise<void> {
  const orders = await Promise.all(SYMBOLS.map((symbol) => rig.wish({ symbol, limit })));
  await Promise.all(orders.map((order) => ask(rig, order)));
}

export const disk: Cell = {
  name: 'disk-full',
  fault: 'disk full under Postgres: its tables, then its log',
  async play(scene) {
    const folder = mountDisk(scene);
    const cluster = await scene.cluster({ durable: true, dataDir: path.join(folder, 'postgres'), settings: SMALL_WAL });
    const rig = await scene.rig({ cluster });
    await rig.worker();
    await rig.reconciled();
    await rig.placeEach({ limit: RESTING });
    let free = fillDisk(folder);
    await until('a write that finds no room', async () => {
      // A wish is a write as well: either may be the one.
      await placeWhatGoes(rig, MARKETABLE).catch(() => undefined);
      return noted(cluster, /No space left on device/);
    });
    await delay(2_000);
    free();
    await scene.judge(rig, 'no room for tables');

    await rig.reconciled();
    free = fillDisk(folder);
    const placing = placeWhatGoes(rig, MARKETABLE).catch(() => undefined);
    let gone = false;
    cluster.gone.then(
      () => {
        gone = true;
      },
      () => undefined,
    );
    await until('the server to give up', async () => {
      await rig.value('SELECT pg_switch_wal()').catch(() => undefined);
      await rig.value(`SELECT pg_logical_emit_message(true, 'filler', repeat('x', 4000000))`).catch(() => undefined);
      return gone;
    });
    await placing;
    free();
    await cluster.startAgain();
    await scene.judge(rig, 'no room for the log: the server gave up');
  },
};
