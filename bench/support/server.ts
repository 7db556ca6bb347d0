import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BenchHost } from './host';

export interface BenchServer {
  readonly folder: string;
  /** Connection URL of a new, migrated database. */
  createDatabase(name: string): Promise<string>;
  stop(): Promise<void>;
}

/** Big enough that checkpoints fall between measurements, not into some of them. */
const SETTINGS = ['max_wal_size=4GB', 'checkpoint_timeout=30min', 'shared_buffers=256MB'];

/**
 * A PostgreSQL of the run's own, durable: fsync, synchronous_commit and full_page_writes are at their defaults (on).
 * `BENCH_FOLDER` chooses the disk (default: the system's folder for temporary files).
 */
export async function startBenchServer(host: BenchHost): Promise<BenchServer> {
  const folder = await mkdtemp(path.join(process.env['BENCH_FOLDER'] ?? tmpdir(), 'countersign-bench-'));
  // As root, PostgreSQL runs as another user, who must pass through this folder.
  await chmod(folder, 0o755);
  const port = Number(process.env['BENCH_POSTGRES_PORT'] ?? 0) || (await host.findFreePort());
  const dataDir = path.join(folder, 'postgres');
  const server = await host.startPostgres({ dataDir, port, password: 'bench', settings: SETTINGS });
  return {
    folder,
    async createDatabase(name) {
      await server.ensureDatabase(name);
      await host.migrate(server.url(name));
      return server.url(name);
    },
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
