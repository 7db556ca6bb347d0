import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Browser } from '@playwright/test';
import pg from 'pg';
import { signInCookies } from '@/test-support/console-client';
import { locateChromium } from '../../scripts/checks/chromium';
import { launchBrowser, openTab, type Tab } from '../harness/browser';
import { type Stack, startStack } from '../harness/stack';
import { SignInPage } from '../pages/sign-in-page';
import { type BarRow, barFaults, type Course, type CourseFigures, figuresOf, grew } from './judge';
import { type ProcessSample, sampleProcess } from './process-sample';

const SAMPLE_MS = 10_000;
const MINUTE_MS = 60_000;
/** From the end of the last minute that counts: its bar has come, been stored and announced. */
const SETTLED_MS = 15_000;
const PROCESSES = ['web', 'worker', 'simulator'] as const;
const SYMBOLS = 5;

type Samples = Record<(typeof PROCESSES)[number], { at: number; sample: ProcessSample }[]>;

/** Reads the console's stream of events until stopped, counting messages. */
function listen(url: string, cookie: string): { count: () => number; stop: () => void } {
  const control = new AbortController();
  let count = 0;
  const run = async () => {
    while (!control.signal.aborted) {
      const answer = await fetch(`${url}/api/stream`, { headers: { cookie }, signal: control.signal });
      if (!answer.ok || answer.body === null) throw new Error(`the stream answered ${answer.status}`);
      const decoder = new TextDecoder();
      const reader = answer.body.getReader();
      for (let part = await reader.read(); part.value !== undefined; part = await reader.read())
        count += decoder.decode(part.value, { stream: true }).split('\n\n').length - 1;
    }
  };
  run().catch((error: unknown) => {
    if (!control.signal.aborted) console.error(`  the stream of events ended: ${String(error)}`);
  });
  return { count: () => count, stop: () => control.abort() };
}

async function openConsole(stack: Stack): Promise<{ browser: Browser; tab: Tab } | null> {
  if (locateChromium() === null) return null;
  const browser = await launchBrowser();
  const tab = await openTab(browser, stack.url);
  await (await new SignInPage(tab.page).open()).signIn(stack.admin);
  await tab.page.goto('/market');
  return { browser, tab };
}

async function readBars(client: pg.Client, fromMs: number): Promise<BarRow[]> {
  const since = new Date(fromMs).toISOString();
  const stored = await client.query<{ symbol: string; at: number }>(
    'SELECT symbol, extract(epoch FROM start_at)::float8 * 1000 AS at FROM bars WHERE start_at >= $1',
    [since],
  );
  const announcedRows = await client.query<{ symbol: string; at: number }>(
    `SELECT subject AS symbol, extract(epoch FROM (data->>'start_at')::timestamptz)::float8 * 1000 AS at FROM outbox
     WHERE topic = 'market.bar.closed' AND (data->>'start_at')::timestamptz >= $1 ORDER BY seq`,
    [since],
  );
  const symbols = await client.query<{ symbol: string }>('SELECT symbol FROM market_health WHERE subscribed');
  const of = (rows: { symbol: string; at: number }[], symbol: string) =>
    rows.filter((row) => row.symbol === symbol).map(({ at }) => at);
  return symbols.rows.map(({ symbol }) => ({
    symbol,
    stored: of(stored.rows, symbol),
    announced: of(announcedRows.rows, symbol),
  }));
}

async function sampleUntil(stack: Stack, endMs: number, line: () => Promise<string>): Promise<Samples> {
  const samples: Samples = { web: [], worker: [], simulator: [] };
  for (let n = 0; Date.now() < endMs; n++) {
    for (const name of PROCESSES) {
      const sample = sampleProcess(await stack.pidOf(name));
      if (sample !== null) samples[name].push({ at: performance.now(), sample });
    }
    if (n % 6 === 0) console.error(`  ${new Date().toISOString().slice(11, 19)} ${await line()}`);
    await sleep(SAMPLE_MS);
  }
  return samples;
}

function courseOf(name: keyof Samples, samples: Samples): Course {
  return {
    name,
    samples: samples[name].slice(1).map(({ at, sample }, index) => {
      const before = samples[name][index] ?? { at, sample };
      const cpu = ((sample.cpuSeconds - before.sample.cpuSeconds) * 100_000) / Math.max(1, at - before.at);
      // A child that was started again counts from nothing.
      return { cpuPercent: Math.max(0, cpu), residentMb: sample.residentMb };
    }),
  };
}

const table = (figures: readonly CourseFigures[]) =>
  [
    'process    CPU mean   CPU most   memory once warm   at the end   most   (CPU in % of one core, MB resident)',
    ...figures.map(
      ({ name, cpuMean, cpuMost, residentBefore, residentAfter, residentMost }) =>
        `${name.padEnd(10)} ${cpuMean.toFixed(1).padStart(8)} ${cpuMost.toFixed(1).padStart(10)} ${residentBefore
          .toFixed(0)
          .padStart(18)} ${residentAfter.toFixed(0).padStart(12)} ${residentMost.toFixed(0).padStart(6)}`,
    ),
  ].join('\n');

/** @returns the exit code */
export async function main(args: readonly string[]): Promise<0 | 1> {
  const { values } = parseArgs({
    args: [...args],
    options: { minutes: { type: 'string', default: '30' }, json: { type: 'string' } },
  });
  const minutes = Number(values.minutes);
  if (!(minutes >= 2)) throw new Error('--minutes takes a number of at least 2');
  const stack = await startStack({ LOG_LEVEL: 'warn' });
  const client = new pg.Client({ connectionString: stack.databaseUrl });
  let console_: Awaited<ReturnType<typeof openConsole>> = null;
  try {
    await client.connect();
    const events = listen(stack.url, await signInCookies(stack.url, stack.admin.email, stack.admin.password));
    console_ = await openConsole(stack);
    // Whole minutes of the market only, which on the simulator is the clock's time.
    const fromMs = Math.ceil((Date.now() + 5_000) / MINUTE_MS) * MINUTE_MS;
    const toMs = fromMs + minutes * MINUTE_MS;
    const samples = await sampleUntil(stack, toMs + SETTLED_MS, async () => {
      const stored = (await readBars(client, fromMs)).reduce((sum, row) => sum + row.stored.length, 0);
      return `${stored} bars stored, ${events.count()} messages to the console`;
    });
    events.stop();
    const rows = await readBars(client, fromMs);
    const figures = PROCESSES.map((name) => figuresOf(courseOf(name, samples)));
    const faults = [
      ...(rows.length === SYMBOLS ? [] : [`${rows.length} symbols are subscribed to, not ${SYMBOLS}`]),
      ...rows.flatMap((row) => barFaults(row, fromMs, toMs)),
      ...figures.filter(grew).map(({ name }) => `${name}: memory grew`),
      ...(console_?.tab.errors ?? []).map((error) => `the page said: ${error}`),
    ];
    const counted = rows.map(
      ({ symbol, stored }) => `${symbol} ${stored.filter((ms) => ms >= fromMs && ms < toMs).length}/${minutes}`,
    );
    console.log(
      [
        `${minutes} minutes from ${new Date(fromMs).toISOString()}, ${console_ === null ? 'no browser' : 'a browser on /market'}`,
        table(figures),
        `bars: ${counted.join(', ')}; messages to the console: ${events.count()}`,
        ...(faults.length === 0 ? ['no fault'] : faults),
      ].join('\n'),
    );
    if (values.json !== undefined)
      writeFileSync(values.json, JSON.stringify({ fromMs, minutes, figures, rows, faults, samples }));
    return faults.length === 0 ? 0 : 1;
  } finally {
    await console_?.browser.close();
    await client.end();
    await stack.stop();
  }
}
