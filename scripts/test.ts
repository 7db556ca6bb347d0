// `npm test`: every check, one after the other, with a summary. The last line is `N passed, N failed`.
import { parseArgs } from 'node:util';
import { findChromium } from './checks/chromium';
import { type Outcome, runStage } from './checks/run-stage';
import { type Stage, stagesOf } from './checks/stages';
import { messageOf } from './lib/errors';
import { ensureCheckable, ensureCli, ensureWeb } from './lib/setup';
import { bold, consoleProgress, dim, fail, green, red, seconds, yellow } from './lib/terminal';

const HELP = `npm test                          what every change must pass, in a few minutes
npm test -- --all                 with the suites that take minutes: model, system, every browser test
npm test -- --only unit           one stage (or several: --only lint,types)
npm test -- --only unit policy    of that stage, the files whose path contains "policy"
npm test -- --coverage            unit, component, integration and replay as one run, with the coverage gate

Stages: format lint types architecture unit component integration replay browser; model system e2e; mutants.
mutants checks that the model finds built-in defects. browser runs the main flows, e2e every browser test. Both need Chromium: CHROMIUM_PATH names one that is not found in the usual places.`;

interface Row extends Outcome {
  readonly name: string;
  readonly time: string;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    all: { type: 'boolean', default: false },
    coverage: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}

const known = stagesOf(values);
const wanted = chosen();
const started = performance.now();
const progress = consoleProgress();
try {
  await ensureCheckable(progress);
} catch (error) {
  fail(messageOf(error));
}

const rows: Row[] = [];
for (const stage of wanted) rows.push(await check(stage));
summarise(rows);

function chosen(): Stage[] {
  // With every browser test the main flows among them need not run twice.
  if (values.only === undefined)
    return known.filter((stage) =>
      values.all ? stage.name !== 'browser' && stage.long !== 'verify' : stage.long === undefined,
    );
  const names = values.only.split(',');
  const unknown = names.filter((name) => !known.some((stage) => stage.name === name));
  if (unknown.length > 0)
    fail(`There is no stage ${unknown.join(', ')}. ${known.map(({ name }) => name).join(' ')}`, 2);
  return known.filter(({ name }) => names.includes(name));
}

async function check(stage: Stage): Promise<Row> {
  const begun = performance.now();
  console.log(dim(`  ${stage.name} …`));
  const outcome = await runOrSkip(stage, (text) => console.log(dim(`  ${stage.name}: ${text}, ${seconds(begun)}`)));
  const time = seconds(begun);
  const mark = outcome.failed > 0 ? red('✖') : outcome.reason ? yellow('○') : green('✔');
  const counts = [`${outcome.passed} passed`];
  if (outcome.failed > 0) counts.push(`${outcome.failed} failed`);
  if (outcome.skipped > 0) counts.push(`${outcome.skipped} skipped`);
  console.log(`${mark} ${stage.name.padEnd(13)} ${(outcome.reason ?? counts.join(', ')).padEnd(30)} ${dim(time)}`);
  if (outcome.output) console.log(`${outcome.output.trimEnd()}\n`);
  return { name: stage.name, time, ...outcome };
}

async function runOrSkip(stage: Stage, onProgress: (text: string) => void): Promise<Outcome> {
  const env: NodeJS.ProcessEnv = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', CHECKPOINT_DISABLE: '1' };
  // The tools set it as they need it.
  Reflect.deleteProperty(env, 'NODE_ENV');
  const options = { filters: positionals, onProgress };
  if (stage.browser === undefined) return runStage(stage, { ...options, env });

  const chromium = findChromium((line) => console.log(`  ${line}`));
  if (chromium === null) {
    const reason = 'skipped: no Chromium found (set CHROMIUM_PATH)';
    return { passed: 0, failed: process.env['CI'] === 'true' ? 1 : 0, skipped: 0, output: '', reason };
  }
  try {
    await ensureCli(progress);
    await ensureWeb(progress);
  } catch (error) {
    return { passed: 0, failed: 1, skipped: 0, output: messageOf(error) };
  }
  return runStage(stage, { ...options, env: { ...env, CHROMIUM_PATH: chromium } });
}

function summarise(outcomes: readonly Row[]): void {
  const sum = (key: 'passed' | 'failed') => outcomes.reduce((total, outcome) => total + outcome[key], 0);
  const columns = ['passed'.padStart(8), 'failed'.padStart(8), 'skipped'.padStart(9), 'time'.padStart(10)];
  console.log(`\n${bold('stage'.padEnd(14))}${columns.join('')}`);
  for (const { name, passed, failed, skipped, time, reason } of outcomes) {
    const figures = [String(passed).padStart(8), String(failed).padStart(8), String(skipped).padStart(9)];
    const line = `${name.padEnd(14)}${figures.join('')}${time.padStart(10)}`;
    console.log(`${failed > 0 ? red(line) : line}${reason ? `  ${reason}` : ''}`);
  }
  console.log(dim(`in ${seconds(started)}`));
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
  process.exitCode = sum('failed') > 0 ? 1 : 0;
}
