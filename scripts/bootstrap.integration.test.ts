import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);

/** Runs the bootstrap as a Node of that version would. */
async function runAs(version: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const pretend = `Object.defineProperty(process.versions, 'node', { value: '${version}' })`;
  const args = [
    '--import',
    `data:text/javascript,${encodeURIComponent(pretend)}`,
    'scripts/bootstrap.mjs',
    'test',
    '-h',
  ];
  try {
    return { code: 0, ...(await run(process.execPath, args)) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

test.each(['18.20.4', '20.9.0', '20.18.3'])('Node %s is refused in one line', async (version) => {
  const { code, stderr } = await runAs(version);
  expect({ code, stderr }).toEqual({ code: 1, stderr: `✖ Node 20.19.0 or newer is needed; this is ${version}.\n` });
});

test.each(['20.19.0', '20.20.0', '22.0.0', '24.11.1'])('Node %s is accepted', async (version) => {
  expect(await runAs(version)).toMatchObject({ code: 0, stdout: expect.stringContaining('npm test') });
});
