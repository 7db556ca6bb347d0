import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import type { Cell, Scene } from '../cell';
import { endWithMe, hasEnded, temporaryFolder } from '../harness/leftovers';
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
  private readonly folder = temporaryFolder('faults-engine');
  readonly store = this.folder.path;
  private ended: Promise<void> = Promise.resolve();
  private pid = 0;

  constructor(
    private readonly program: string,
    private readonly args: (store: string, port: number) => readonly string[],
    readonly port: number,
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

  /** Leaves nothing behind. */
  remove(): void {
    this.folder.remove();
  }

  deleteStore(): void {
    rmSync(this.store, { recursive: true, force: true });
  }
}

/** What JetStream has on disk. */
const natsHolds = ({ store }: Engine): Promise<boolean> =>
  Promise.resolve(readdirSync(store, { recursive: true }).some((file) => String(file).endsWith('.blk')));

/** Whether Redis has any key. */
function redisHolds({ port }: Engine): Promise<boolean> {
  return new Promise((done, fail) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('DBSIZE\r\n'));
    socket.once('data', (answer) => {
      socket.destroy();
      done(Number(/^:(\d+)/.exec(answer.toString())?.[1] ?? 0) > 0);
    });
    socket.once('error', fail);
  });
}

const trade = (rig: Rig, scene: Scene) => rig.placeEach({ limit: scene.draws.pick([MARKETABLE, RESTING]) });

interface Loss {
  readonly scene: Scene;
  readonly rig: Rig;
  readonly engine: Engine;
  /** Whether it has been given anything. */
  readonly holds: (engine: Engine) => Promise<boolean>;
}

/** Killed with its store deleted; orders go on without it; then it is back, empty. */
async function loseEngine({ scene, rig, engine, holds }: Loss, n: number): Promise<void> {
  await rig.reconciled();
  await trade(rig, scene);
  await until('the engine to be made use of', () => holds(engine));
  await delay(scene.draws.whole(0, 100));
  await engine.kill();
  engine.deleteStore();
  await scene.judge(rig, `killed and deleted (${n}): without it`);
  await trade(rig, scene);
  await engine.start();
  await scene.judge(rig, `back and empty (${n})`);
}

interface Kind {
  readonly name: string;
  readonly fault: string;
  readonly setting: string;
  readonly holds: Loss['holds'];
}

function engineCell({ name, fault, setting, holds }: Kind, make: (port: number) => [Engine, string]): Cell {
  return {
    name,
    fault,
    async play(scene) {
      const [engine, url] = make(await scene.port());
      scene.finally(() => engine.remove());
      await engine.start();
      const rig = await scene.rig({ env: { [setting]: url } });
      scene.finally(() => engine.kill());
      await rig.worker();
      for (const n of [1, 2]) await loseEngine({ scene, rig, engine, holds }, n);
    },
  };
}

const NATS = { name: 'nats', fault: 'NATS killed, its store deleted', setting: 'NATS_URL' };
const REDIS = { name: 'redis', fault: 'Redis killed, its store deleted', setting: 'REDIS_URL' };

export const nats = engineCell({ ...NATS, holds: natsHolds }, (port) => {
  const args = (store: string) => ['-js', '-sd', store, '-a', '127.0.0.1', '-p', String(port)];
  return [new Engine('nats-server', args, port), `nats://127.0.0.1:${port}`];
});

export const redis = engineCell({ ...REDIS, holds: redisHolds }, (port) => {
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
