import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tryLock } from '../lib/lock';
import { findFreePort } from '../lib/processes';

const run = promisify(execFile);
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'countersign-start-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs the launcher, which is expected to refuse, and gives its last words. */
async function refusal(settings: Readonly<Record<string, string>>): Promise<{ code: number; lines: string[] }> {
  const [port, gatewayPort] = [String(await findFreePort()), String(await findFreePort())];
  const ports = { PORT: port, GATEWAY_PORT: gatewayPort };
  const env = { ...process.env, NO_COLOR: '1', DATA_DIR: folder, ...ports, ...settings };
  try {
    await run(process.execPath, ['scripts/bootstrap.mjs', 'start'], { env, timeout: 30_000 });
  } catch (error) {
    const { code, stderr } = error as { code: number; stderr: string };
    return { code, lines: stderr.trim().split('\n') };
  }
  throw new Error('the launcher started');
}

describe('npm start refuses in one line that names the setting', () => {
  test.each([
    [{ PORT: 'http' }, 'PORT must be a port number from 1 to 65535; it is "http".'],
    [{ PORT: '70000' }, 'PORT must be a port number from 1 to 65535; it is "70000".'],
    [{ PORT: '4020', GATEWAY_PORT: '' }, 'PORT and GATEWAY_PORT are both 4020: set one of them to another port.'],
    [{ PORT: '4010' }, 'PORT and SIMULATOR_PORT are both 4010: set one of them to another port.'],
    [{ DATABASE_URL: 'mysql://x' }, 'DATABASE_URL must look like postgresql://user:password@host:5432/database.'],
  ])('%o', async (settings, line) => {
    expect(await refusal(settings)).toEqual({ code: 1, lines: [`✖ ${line}`] });
  });

  test('a folder that cannot be written', async () => {
    await writeFile(path.join(folder, 'file'), '');
    const dataDir = path.join(folder, 'file/data');
    expect(await refusal({ DATA_DIR: dataDir })).toEqual({
      code: 1,
      lines: [`✖ Cannot write to ${dataDir} (ENOTDIR): set DATA_DIR to a folder that you can write to.`],
    });
  });

  test('a data folder that another start uses', async () => {
    const lock = tryLock(path.join(folder, 'launcher.lock'));
    const { code, lines } = await refusal({});
    expect(lock).toHaveProperty('release');
    expect(code).toBe(1);
    expect(lines).toEqual([
      `✖ The data folder ${folder} is in use by process ${process.pid} (another npm start): stop that one, or set DATA_DIR to another folder.`,
    ]);
  });

  test('a port that another program has', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const web = await refusal({ PORT: String(port) });
    const simulator = await refusal({ SIMULATOR_PORT: String(port) });
    other.close();
    expect(web.lines).toEqual([expect.stringMatching(new RegExp(`^✖ Port ${port} is taken.*: set PORT to`))]);
    expect(simulator.lines).toEqual([
      expect.stringMatching(new RegExp(`^✖ Port ${port} is taken.*: set SIMULATOR_PORT to`)),
    ]);
  });

  test('a database that does not answer, without its password', async () => {
    const port = await findFreePort();
    const { code, lines } = await refusal({ DATABASE_URL: `postgresql://me:hush@127.0.0.1:${port}/trades` });
    expect(code).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`Cannot use the database trades at 127.0.0.1:${port}`);
    expect(lines[0]).toContain('check DATABASE_URL');
    expect(lines[0]).not.toContain('hush');
  });
});
