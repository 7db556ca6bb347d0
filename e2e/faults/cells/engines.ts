import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Cell, Scene } from '../cell';
import { endWithMe, hasEnded } from '../harness/leftovers';
import { MARKETABLE, RESTING, type Rig } from '../harness/rig';
import { delay, until } from '../harness/wait';

const listens = (port: number) =>
  new Promise<boolean>((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });

/** A server that is no truth of anything: it may be killed and its store deleted. */
class Engine {
  private readonly store = mkdtempSync(path.join(tmpdir(), 'countersign-fault-engine-'));
  private ended: Promise<void> = Promise.resolve();
  private pid = 0;

  constructor(
    private readonly program: string,
    private readonly args: (store: string, port: number) => readonly string[],
    private readonly port: number,
  ) {}

  async start(): Promise<void> {
    mkdirSync(this.store, { recursive: true });
    const child = spawn(this.program, this.args(this.store, this.port), { cwd: this.store, stdio: 'ignore' });
    this.pid = child.pid ?? 0;
    endWithMe(this.pid);
    const { pid } = this;
    this.ended = new Promise((done) => {
      child.once('close', () => {
        hasEnded(pid);
        done();
      });
    });
    await until(`${this.program} to listen`, () => listens(this.port));
  }

  async kill(): Promise<void> {
    if (this.pid > 0) process.kill(this.pid, 'SIGKILL');
    this.pid = 0;
    await this.ended;
  }

  deleteStore(): void {
    rmSync(this.store, { recursive: true, force: true });
  }
}

const trade = (rig: Rig, scene: Scene) => rig.placeEach({ limit: scene.draws.pick([MARKETABLE, RESTING]) });

/** Killed with its store deleted; orders go on without it; then it is back, empty. */
async function loseEngine(scene: Scene, rig: Rig, engine: Engine, n: number): Promise<void> {
  await rig.reconciled();
  await trade(rig, scene);
  await delay(scene.draws.whole(0, 100));
  await engine.kill();
  engine.deleteStore();
  await scene.judge(rig, `killed and deleted (${n}): without it`);
  await trade(rig, scene);
  await engine.start();
  await scene.judge(rig, `back and empty (${n})`);
}

function engineCell(name: string, fault: string, setting: string, make: (port: number) => [Engine, string]): Cell {
  return {
    name,
    fault,
    async play(scene) {
      const [engine, url] = make(scene.port());
      scene.finally(() => engine.deleteStore());
      await engine.start();
      const rig = await scene.rig({ env: { [setting]: url } });
      scene.finally(() => engine.kill());
      await rig.worker();
      for (const n of [1, 2]) await loseEngine(scene, rig, engine, n);
    },
  };
}

export const nats = engineCell('nats', 'NATS killed, its store deleted', 'NATS_URL', (port) => {
  const args = (store: string) => ['-js', '-sd', store, '-a', '127.0.0.1', '-p', String(port)];
  return [new Engine('nats-server', args, port), `nats://127.0.0.1:${port}`];
});

export const redis = engineCell('redis', 'Redis killed, its store deleted', 'REDIS_URL', (port) => {
  const args = (store: string) => [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    store,
    '--appendonly',
    'yes',
  ];
  return [new Engine('redis-server', args, port), `redis://127.0.0.1:${port}`];
});
