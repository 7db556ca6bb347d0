// Prisma's command line, with its schema engine from npm (see prisma.config.ts).
import { spawn } from 'node:child_process';
import path from 'node:path';
import { repoRoot } from './repo';

/** Applies the migrations that the database lacks, and nothing else: see migrate.ts. */
export function deployMigrations(databaseUrl: string): Promise<string> {
  return prisma(['migrate', 'deploy'], { DATABASE_URL: databaseUrl });
}

/** Writes the Prisma client to server/adapters/postgres/generated. */
export function generateClient(): Promise<string> {
  return prisma(['generate'], {});
}

function prisma(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const cli = path.join(repoRoot, 'node_modules/prisma/build/index.js');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, ...args], {
      cwd: repoRoot,
      env: { ...process.env, ...env, CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`prisma ${args.join(' ')} failed:\n${output.trim()}`));
    });
  });
}
