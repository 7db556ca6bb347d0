import { randomUUID } from 'node:crypto';
import { chmodSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { endWithMe, hasEnded, type TemporaryFolder, temporaryFolder } from './leftovers';

interface Server {
  readonly pid: number;
  readonly exited: Promise<void>;
  url(database?: string): string;
  ensureDatabase(name: string): Promise<void>;
  stop(): Promise<void>;
}

/** What the starting script lends: its own modules, which know where the repository is. */
export interface Tools {
  readonly repoRoot: string;
  startPostgres(options: object): Promise<Server>;
  migrate(url: string): Promise<unknown>;
  isPortFree(port: number): Promise<boolean>;
}

const TEMPLATE = 'faults_template';
/** An operating system that lives on loses nothing that was written: only then may fsync be off. */
const QUICK = ['fsync=off', 'full_page_writes=off'];
const PASSWORD = 'test';

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

interface Launch {
  readonly dataDir: string;
  readonly port: number;
  readonly password: string;
  readonly settings: readonly string[];
  readonly log: (line: string) => void;
}

async function begin(tools: Tools, launch: Launch): Promise<Server> {
  const server = await tools.startPostgres(launch);
  endWithMe(server.pid, 'SIGQUIT');
  server.exited.then(
    () => hasEnded(server.pid),
    () => hasEnded(server.pid),
  );
  return server;
}

/** Copies of the template are made one at a time: it must have no other connection meanwhile. */
let creating: Promise<void> = Promise.resolve();

export interface ClusterOptions {
  /** Written through to the disk, as in production. */
  readonly durable?: boolean;
  /** Where to keep the data instead of a temporary folder. */
  readonly dataDir?: string;
  /** More `name=value`. */
  readonly settings?: readonly string[];
}

/** A PostgreSQL of one's own, with a migrated template; it can be killed and started again. */
export class Cluster {
  private constructor(
    private readonly tools: Tools,
    private readonly launch: Launch,
    private readonly folder: TemporaryFolder,
    private server: Server,
    /** What the server wrote to its log. */
    readonly lines: readonly string[],
  ) {}

  static async start(tools: Tools, port: number, options: ClusterOptions = {}): Promise<Cluster> {
    const folder = temporaryFolder('faults-pg');
    // As root, PostgreSQL runs as another user, who must pass through this folder.
    chmodSync(folder.path, 0o755);
    const lines: string[] = [];
    const launch: Launch = {
      dataDir: options.dataDir ?? path.join(folder.path, 'postgres'),
      port,
      password: PASSWORD,
      settings: [...(options.durable === true ? [] : QUICK), ...(options.settings ?? [])],
      log: (line) => lines.push(line),
    };
    const server = await begin(tools, launch);
    await server.ensureDatabase(TEMPLATE);
    await tools.migrate(server.url(TEMPLATE));
    return new Cluster(tools, launch, folder, server, lines);
  }

  async createDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
    const name = `fault_${randomUUID().replaceAll('-', '')}`;
    const create = () => execute(this.server.url(), `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
    creating = creating.then(create, create);
    await creating;
    const drop = () => execute(this.server.url(), `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    return { url: this.server.url(name), drop };
  }

  /** `pg_ctl stop -m immediate`: no checkpoint, no goodbye; recovery at the next start. */
  async stopImmediately(): Promise<void> {
    process.kill(this.server.pid, 'SIGQUIT');
    await this.server.exited;
  }

  /** Resolves when the server is gone, for whatever reason. */
  get gone(): Promise<void> {
    return this.server.exited;
  }

  async startAgain(): Promise<void> {
    this.server = await begin(this.tools, this.launch);
  }

  async stop(): Promise<void> {
    await this.server.stop();
    this.folder.remove();
  }
}
