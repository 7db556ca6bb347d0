/** A PostgreSQL server that belongs to the run. */
export interface ServerHandle {
  readonly dataDir: string;
  url(database?: string): string;
  ensureDatabase(name: string): Promise<void>;
  stop(): Promise<void>;
}

/** What bench/run.ts lends: the project's own scripts, which are not bundled. */
export interface BenchHost {
  readonly repoRoot: string;
  /** Folder of the console's production build. */
  readonly webDir: string;
  /** Arguments of node for the console's production server. */
  webArguments(port: number, host: string): string[];
  startPostgres(options: {
    dataDir: string;
    port: number;
    password: string;
    settings?: string[];
  }): Promise<ServerHandle>;
  migrate(databaseUrl: string): Promise<unknown>;
  findFreePort(): Promise<number>;
  /** dist/worker.mjs, dist/simulator.mjs and dist/countersign.mjs are there and current. */
  ensureBundles(): Promise<void>;
  /** So is the production build of the console. */
  ensureWeb(): Promise<void>;
}
