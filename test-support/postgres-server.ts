import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { startPostgres, THROWAWAY_FLAGS } from '../scripts/lib/embedded-postgres';
import { migrate } from '../scripts/lib/migrate';
import { findFreePort } from '../scripts/lib/processes';

declare module 'vitest' {
  interface ProvidedContext {
    /** Connection URL of the test server's maintenance database. */
    testServerUrl: string;
  }
}

/** Name of the migrated database that every test's own database is a copy of. */
export const TEMPLATE_DATABASE = 'countersign_template';

/**
 * vitest's global set-up: one throw-away PostgreSQL for the run with a migrated template database.
 * `TEST_POSTGRES_PORT` fixes its port; otherwise any free one is taken.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'countersign-test-'));
  // As root, PostgreSQL runs as another user, who must pass through this folder.
  await chmod(folder, 0o755);
  const port = Number(process.env['TEST_POSTGRES_PORT'] ?? 0) || (await findFreePort());
  const server = await startPostgres({
    dataDir: path.join(folder, 'postgres'),
    port,
    password: 'test',
    settings: THROWAWAY_FLAGS,
  });
  const stop = async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await server.ensureDatabase(TEMPLATE_DATABASE);
    await migrate(server.url(TEMPLATE_DATABASE));
  } catch (error) {
    await stop();
    throw error;
  }
  project.provide('testServerUrl', server.url());
  return stop;
}
