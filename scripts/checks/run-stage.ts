// Runs one stage and counts what passed and failed in it.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { repoRoot } from '../lib/repo';
import type { Stage } from './stages';

const VITEST = path.join(repoRoot, 'node_modules/vitest/vitest.mjs');
const PLAYWRIGHT = path.join(repoRoot, 'node_modules/@playwright/test/cli.js');
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
  /** Parts of file names; without any the stage runs all its files. */
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
  const tests = await runTests(stage, options);
  return { ...tests, passed: tests.passed + tools };
}

async function runTests(stage: Stage, options: RunOptions): Promise<Outcome> {
  if (stage.browser !== undefined) return runPlaywright(stage.name, stage.browser, options);
  if (stage.projects !== undefined) return runVitest(stage, stage.projects, options);
  return { passed: 0, failed: 0, skipped: 0, output: '' };
}

async function runVitest(stage: Stage, names: readonly string[], options: RunOptions): Promise<Outcome> {
  const report = freshReport(stage.name);
  const projects = names.flatMap((name) => ['--project', name]);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const args = [VITEST, 'run', ...projects, ...reporters, ...options.filters];
  if (stage.coverage) args.push('--coverage');
  const { code, output } = await runNode(args, options);
  const counts = countVitest(report, code);
  const summary = stage.coverage ? coverageSummary(output) : measuredFigures(output);
  return { ...counts, output: code === 0 ? summary : output };
}

async function runPlaywright(name: string, tests: 'all' | `@${string}`, options: RunOptions): Promise<Outcome> {
  const report = freshReport(name);
  const args = [PLAYWRIGHT, 'test', ...(tests === 'all' ? [] : ['--grep', tests]), ...options.filters];
  const env = { ...options.env, PLAYWRIGHT_JSON_OUTPUT_FILE: report };
  const { code, output } = await runNode(args, { ...options, env });
  return { ...countPlaywright(report, code), output: code === 0 ? '' : output };
}

/** Where the runner writes its report; an older one must not pass for it. */
function freshReport(name: string): string {
  const report = path.join(repoRoot, `.cache/tests/${name}.json`);
  mkdirSync(path.dirname(report), { recursive: true });
  rmSync(report, { force: true });
  return report;
}

type Counts = Pick<Outcome, 'passed' | 'failed' | 'skipped'>;

const vitestReport = z
  .object({
    numPassedTests: z.number(),
    numFailedTests: z.number(),
    numPendingTests: z.number(),
    numTodoTests: z.number(),
  })
  .transform((report) => ({
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
  }));

const playwrightReport = z
  .object({
    stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number(), skipped: z.number() }),
  })
  .transform(({ stats }) => ({
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky,
    skipped: stats.skipped,
  }));

/** @param code exit code of the runner */
export const countVitest = (file: string, code: number): Counts => count(vitestReport, file, code);

/** @param code exit code of the runner */
export const countPlaywright = (file: string, code: number): Counts => count(playwrightReport, file, code);

function count(report: z.ZodType<Counts>, file: string, code: number): Counts {
  try {
    const counts = report.parse(JSON.parse(readFileSync(file, 'utf8')));
    // A runner that failed with every test passed did so for another reason (coverage, an unhandled error).
    return { ...counts, failed: code !== 0 && counts.failed === 0 ? 1 : counts.failed };
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

/** Vitest prints a line for each file that it has finished, Playwright one for each test. */
function finished(output: string): string {
  const tests = [...output.matchAll(/^\s*[✓✘].*\.e2e\.ts:/gm)].length;
  const files = [...output.matchAll(/^\s*\S*[✓❯].*\.test\.tsx?/gm)].length;
  if (tests > 0) return `${tests} tests`;
  return files > 0 ? `${files} files` : '';
}

function runNode(args: readonly string[], { env, onProgress }: RunOptions): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: repoRoot, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    const timer = setInterval(() => {
      const text = finished(output);
      if (text !== '') onProgress(text);
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
