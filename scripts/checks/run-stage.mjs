// Runs one stage and counts what passed and failed in it.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { repoRoot } from '../lib/repo.mjs';

const VITEST = path.join(repoRoot, 'node_modules/vitest/vitest.mjs');

/**
 * @typedef {{ passed: number, failed: number, skipped: number, output: string }} Outcome
 * `output` is what a person needs when something failed
 */

/**
 * @param {import('./stages.mjs').Stage} stage
 * @param {{ filters: string[], env: NodeJS.ProcessEnv }} options
 * @returns {Promise<Outcome>}
 */
export async function runStage(stage, { filters, env }) {
  const total = { passed: 0, failed: 0, skipped: 0, output: '' };
  for (const command of stage.commands ?? []) {
    const { code, output } = await runNode(command, env);
    if (code !== 0) return { ...total, failed: total.failed + 1, output: total.output + output };
  }
  if (stage.commands) total.passed += 1;
  if (stage.projects) add(total, await runVitest(stage, filters, env));
  return total;
}

function add(total, outcome) {
  for (const key of ['passed', 'failed', 'skipped', 'output']) total[key] += outcome[key];
}

async function runVitest(stage, filters, env) {
  const report = path.join(repoRoot, `.cache/tests/${stage.name}.json`);
  mkdirSync(path.dirname(report), { recursive: true });
  rmSync(report, { force: true });
  const projects = stage.projects.flatMap((name) => ['--project', name]);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const args = [VITEST, 'run', ...projects, ...reporters, ...filters];
  if (stage.coverage) args.push('--coverage');
  const { code, output } = await runNode(args, env);
  const counts = readReport(report);
  // A runner that failed with every test passed did so for another reason (coverage, an unhandled error).
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  const tail = stage.coverage ? coverageSummary(output) : measuredFigures(output);
  return { ...counts, output: code === 0 ? tail : output };
}

function readReport(file) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(file, 'utf8'));
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/** The lines of totals (`Lines : 91.2% …`). */
function coverageSummary(output) {
  return output
    .split('\n')
    .filter((line) => /^(Statements|Branches|Functions|Lines) +:/.test(line))
    .map((line) => `  ${line}`)
    .join('\n');
}

/** What tests measured (e2e/system/support/figures.ts) is worth seeing though they passed. */
function measuredFigures(output) {
  return [...output.matchAll(/figures: (.*)$/gm)].map(([, text]) => `    ${text}`).join('\n');
}

function runNode(args, env) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: repoRoot, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.once('error', (error) => resolve({ code: 1, output: String(error) }));
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
