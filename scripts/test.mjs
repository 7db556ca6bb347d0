#!/usr/bin/env node
// `npm test`: every check, one after the other, with a summary. The last line is `N passed, N failed`.
import { parseArgs } from 'node:util';
import { nodeFault } from './lib/repo.mjs';
import { bold, consoleProgress, dim, fail, green, red, seconds, yellow } from './lib/terminal.mjs';

const HELP = `npm test                          every stage
npm test -- --only unit           one stage (or several: --only lint,types)
npm test -- --only unit policy    of that stage, the files whose path contains "policy"
npm test -- --coverage            unit, integration and replay as one run, with the coverage gate

Stages: format lint types architecture unit integration replay model system e2e.
The browser tests need Chromium: CHROMIUM_PATH names one that is not found by itself.`;

const fault = nodeFault();
if (fault) fail(fault);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    coverage: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}

const { stagesOf } = await import('./checks/stages.mjs');
const all = stagesOf(values);
const names = values.only?.split(',') ?? all.map(({ name }) => name);
const unknown = names.filter((name) => !all.some((stage) => stage.name === name));
if (unknown.length > 0) fail(`There is no stage ${unknown.join(', ')}. ${all.map(({ name }) => name).join(' ')}`, 2);

const started = performance.now();
const progress = consoleProgress();
try {
  const { ensureCheckable } = await import('./lib/setup.mjs');
  await ensureCheckable(progress);
} catch (error) {
  fail(error.message);
}

const rows = [];
for (const stage of all.filter(({ name }) => names.includes(name))) rows.push(await check(stage));
summarise(rows);

async function check(stage) {
  const begun = performance.now();
  console.log(dim(`  ${stage.name} …`));
  const outcome = await runOrSkip(stage);
  const time = seconds(begun);
  const mark = outcome.failed > 0 ? red('✖') : outcome.reason ? yellow('○') : green('✔');
  const counts = [`${outcome.passed} passed`];
  if (outcome.failed > 0) counts.push(`${outcome.failed} failed`);
  if (outcome.skipped > 0) counts.push(`${outcome.skipped} skipped`);
  console.log(`${mark} ${stage.name.padEnd(13)} ${(outcome.reason ?? counts.join(', ')).padEnd(30)} ${dim(time)}`);
  if (outcome.output) console.log(`${outcome.output.trimEnd()}\n`);
  return { name: stage.name, time, ...outcome };
}

async function runOrSkip(stage) {
  const { runStage } = await import('./checks/run-stage.mjs');
  const { NODE_ENV: _, ...env } = process.env;
  const base = { ...env, NEXT_TELEMETRY_DISABLED: '1', CHECKPOINT_DISABLE: '1' };
  if (!stage.browser) return runStage(stage, { filters: positionals, env: base });

  const { findChromium } = await import('./checks/chromium.mjs');
  const chromium = findChromium((line) => console.log(`  ${line}`));
  if (chromium === null) {
    const reason = 'skipped: no Chromium found (set CHROMIUM_PATH)';
    return { passed: 0, failed: process.env.CI === 'true' ? 1 : 0, skipped: 0, output: '', reason };
  }
  try {
    const { ensureCli, ensureWeb } = await import('./lib/setup.mjs');
    await ensureCli(progress);
    await ensureWeb(progress);
  } catch (error) {
    return { passed: 0, failed: 1, skipped: 0, output: error.message };
  }
  return runStage(stage, { filters: positionals, env: { ...base, CHROMIUM_PATH: chromium } });
}

function summarise(outcomes) {
  const sum = (key) => outcomes.reduce((total, outcome) => total + outcome[key], 0);
  console.log(
    `\n${bold('stage'.padEnd(14))}${'passed'.padStart(8)}${'failed'.padStart(8)}${'skipped'.padStart(9)}${'time'.padStart(10)}`,
  );
  for (const { name, passed, failed, skipped, time, reason } of outcomes) {
    const line = `${name.padEnd(14)}${String(passed).padStart(8)}${String(failed).padStart(8)}${String(skipped).padStart(9)}${time.padStart(10)}`;
    console.log(`${failed > 0 ? red(line) : line}${reason ? `  ${reason}` : ''}`);
  }
  console.log(dim(`in ${seconds(started)}`));
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
  process.exitCode = sum('failed') > 0 ? 1 : 0;
}
