// Runs one stage and counts what passed and failed in it.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { repoRoot } from '../lib/repo';
import type { Stage } from './stages';

const VITEST = path.join(repoRoot, 'node_modules/vitest/vitest.mjs');
const PROGRESS_MS = 15_000;

export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What a person needs when something failed, and what tests measured. */
  readonly output: string;
  /** Why the stage did not run. */
  readonly reason?: string;
}

interface RunOptions {
  /** Parts of file names; replace those of the stage. */
  readonly filters: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Called now and then with how far the stage is. */
  readonly onProgress: (text: string) => void;
}

export async function runStage(stage: Stage, options: RunOptions): Promise<Outcome> {
  for (const command of stage.commands ?? []) {
    const { code, output } = await runNode(command, options);
    if (code !== 0) return { passed: 0, failed: 1, skipped: 0, output };
  }
  const tools = stage.commands === undefined ? 0 : 1;
  if (stage.projects === undefined) return { passed: tools, failed: 0, skipped: 0, output: '' };
  const tests = await runVitest(stage, stage.projects, options);
  return { ...tests, passed: tests.passed + tools };
}

async function runVitest(stage: Stage, names: readonly string[], options: RunOptions): Promise<Outcome> {
  const report = path.join(repoRoot, `.cache/tests/${stage.name}.json`);
  mkdirSync(path.dirname(report), { recursive: true });
  rmSync(report, { force: true });
  const projects = names.flatMap((name) => ['--project', name]);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const files = options.filters.length > 0 ? options.filters : (stage.files ?? []);
  const args = [VITEST, 'run', ...projects, ...reporters, ...files];
  if (stage.coverage) args.push('--coverage');
  const { code, output } = await runNode(args, options);
  const counts = readReport(report);
  // A runner that failed with every test passed did so for another reason (coverage, an unhandled error).
  const failed = code !== 0 && counts.failed === 0 ? 1 : counts.failed;
  const summary = stage.coverage ? coverageSummary(output) : measuredFigures(output);
  return { ...counts, failed, output: code === 0 ? summary : output };
}

function readReport(file: string): { passed: number; failed: number; skipped: number } {
  interface Report {
    numPassedTests: number;
    numFailedTests: number;
    numPendingTests: number;
    numTodoTests: number;
  }
  try {
    const report: Report = JSON.parse(readFileSync(file, 'utf8'));
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = report;
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/** The lines of totals (`Lines : 91.2% …`). */
function coverageSummary(output: string): string {
  return output
    .split('\n')
    .filter((line) => /^(Statements|Branches|Functions|Lines) +:/.test(line))
    .map((line) => `  ${line}`)
    .join('\n');
}

/** What tests measured (e2e/system/support/figures.ts) is shown though they passed. */
function measuredFigures(output: string): string {
  return [...output.matchAll(/figures: (.*)$/gm)].map(([, text]) => `    ${text}`).join('\n');
}

const finishedFiles = (output: string) => [...output.matchAll(/^\s*\S*[✓❯].*\.(?:test|e2e)\.tsx?/gm)].length;

function runNode(args: readonly string[], { env, onProgress }: RunOptions): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: repoRoot, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    const timer = setInterval(() => {
      const files = finishedFiles(output);
      if (files > 0) onProgress(`${files} files`);
    }, PROGRESS_MS);
    const done = (code: number) => {
      clearInterval(timer);
      resolve({ code, output });
    };
    child.once('error', (error) => {
      output += String(error);
      done(1);
    });
    child.once('close', (code) => done(code ?? 1));
  });
}
