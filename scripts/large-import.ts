// `npm run verify -- large-import`: imports a generated CSV file of several gigabytes and compares rows a second and memory with
// DuckDB's own reader. Fails when a bar is missing or differs, or when memory grows with the file.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { repoRoot } from './lib/repo';
import { ensureCli } from './lib/setup';
import { consoleProgress, fail } from './lib/terminal';

const DAY_MS = 86_400_000;
/** 04:00 to 20:00 in New York in winter; an hour later in summer. */
const [FIRST_MINUTE, MINUTES] = [9 * 60, 960];
const SAMPLE_MS = 500;
/** Half of the smallest file that is measured: a reader that holds the file exceeds it several times over. */
const MOST_MB = 1_024;

const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '2200' },
    json: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});

interface Generated {
  readonly rows: number;
  readonly bytes: number;
  /** Sums of closes in cents and of volumes: what the stored bars must add up to. */
  readonly closeCents: bigint;
  readonly volume: bigint;
}

interface Run {
  readonly seconds: number;
  readonly rowsPerSecond: number;
  readonly peakMb: number;
  /** Resident memory at ten points of the run, MB. */
  readonly overTimeMb: readonly number[];
}

/** Minutes of working days of one symbol after another, as Alpaca's SDK saves them, until the file is large enough. */
async function generate(file: string, bytes: number): Promise<Generated> {
  const out = createWriteStream(file, { highWaterMark: 1 << 20 });
  let [rows, size, closeCents, volumes] = [0, 0, 0n, 0n];
  let price = 40_000;
  const write = async (text: string) => {
    size += text.length;
    if (!out.write(text)) await once(out, 'drain');
  };
  await write('symbol,timestamp,open,high,low,close,volume,trade_count,vwap\n');
  for (let symbol = 0; size < bytes; symbol += 1) {
    const name = `G${String(symbol).padStart(3, '0')}`;
    for (let dayMs = Date.UTC(2004, 0, 2); dayMs < Date.UTC(2024, 0, 1) && size < bytes; dayMs += DAY_MS) {
      const weekday = new Date(dayMs).getUTCDay();
      if (weekday === 0 || weekday === 6) continue;
      const date = new Date(dayMs).toISOString().slice(0, 10);
      const lines: string[] = [];
      let [dayCents, dayVolume] = [0, 0];
      for (let minute = FIRST_MINUTE; minute < FIRST_MINUTE + MINUTES; minute += 1) {
        const open = price;
        price = Math.max(1_000, price + ((rows * 7_919) % 41) - 20);
        const volume = 100 + ((rows * 104_729) % 99_991);
        const [hour, rest] = [Math.floor(minute / 60) % 24, minute % 60];
        // After midnight UTC it is still the evening before in New York.
        const day = minute < 1_440 ? date : new Date(dayMs + DAY_MS).toISOString().slice(0, 10);
        const time = `${day} ${String(hour).padStart(2, '0')}:${String(rest).padStart(2, '0')}:00+00:00`;
        const figures = [open, Math.max(open, price) + 3, Math.min(open, price) - 3, price];
        lines.push(
          `${name},${time},${figures.map((cents) => (cents / 100).toFixed(2)).join(',')},${volume}.0,${volume % 97}.0,${(price / 100).toFixed(4)}`,
        );
        dayCents += price;
        dayVolume += volume;
        rows += 1;
      }
      closeCents += BigInt(dayCents);
      volumes += BigInt(dayVolume);
      await write(`${lines.join('\n')}\n`);
    }
  }
  out.end();
  await once(out, 'finish');
  return { rows, bytes: statSync(file).size, closeCents, volume: volumes };
}

function residentMb(pid: number): number | null {
  try {
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? null : Math.round(Number(kilobytes) / 1024);
  } catch {
    // The process has ended.
    return null;
  }
}

/** Runs a program and samples its resident memory. @throws Error with its output when it fails */
async function measure(rows: number, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Run> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [...args], {
    cwd: repoRoot,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => output.push(text));
  const samples: number[] = [];
  const timer = setInterval(() => {
    const mb = child.pid === undefined ? null : residentMb(child.pid);
    if (mb !== null) samples.push(mb);
  }, SAMPLE_MS);
  const [code] = await once(child, 'close');
  clearInterval(timer);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${output.join('').slice(-2_000)}`);
  const seconds = (performance.now() - startedMs) / 1_000;
  const overTimeMb = Array.from({ length: 10 }, (_, n) => samples[Math.floor(((n + 0.5) / 10) * samples.length)] ?? 0);
  return { seconds, rowsPerSecond: Math.round(rows / seconds), peakMb: Math.max(0, ...samples), overTimeMb };
}

/** The same with DuckDB alone, in a process of its own. */
const duckdb = (sql: string) => [
  '--input-type=module',
  '-e',
  `import { DuckDBInstance } from '@duckdb/node-api';
   const connection = await (await DuckDBInstance.create()).connect();
   await connection.run(${JSON.stringify(sql)});`,
];

/** @throws Error when the stored bars are not those of the file */
async function compareStored(history: string, expected: Generated): Promise<void> {
  const connection = await (await DuckDBInstance.create()).connect();
  const result = await connection.runAndReadAll(
    `SELECT count(*)::VARCHAR AS rows, (sum(close) * 100)::DECIMAL(38, 0)::VARCHAR AS cents, sum(volume)::DECIMAL(38, 0)::VARCHAR AS volume
     FROM read_parquet('${history}/1m/*/*/*.parquet')`,
  );
  connection.closeSync();
  const found = JSON.stringify(result.getRowObjects()[0]);
  const { rows, closeCents, volume } = expected;
  const wanted = JSON.stringify({ rows: String(rows), cents: String(closeCents), volume: String(volume) });
  if (found !== wanted) throw new Error(`stored ${found}, the file holds ${wanted}`);
}

const show = (name: string, { seconds, rowsPerSecond, peakMb, overTimeMb }: Run) =>
  console.log(
    `${name.padEnd(28)} ${seconds.toFixed(1).padStart(7)} s  ${String(rowsPerSecond).padStart(9)} rows/s  peak ${peakMb} MB  over time ${overTimeMb.join(' ')}`,
  );

const folder = mkdtempSync(path.join(tmpdir(), 'countersign-large-import-'));
try {
  await ensureCli(consoleProgress((line) => console.error(line)));
  const file = path.join(folder, 'bars.csv');
  const generated = await generate(file, Number(values.megabytes) * 1_000_000);
  console.log(`generated ${generated.rows} rows, ${(generated.bytes / 1e9).toFixed(2)} GB`);
  const { rows } = generated;
  const read = `read_csv('${file}')`;
  const count = await measure(rows, duckdb(`SELECT count(close), sum(close) FROM ${read}`), {});
  show('DuckDB, read_csv and sum', count);
  const toParquet = await measure(rows, duckdb(`COPY (FROM ${read}) TO '${folder}/bars.parquet' (FORMAT parquet)`), {});
  show('DuckDB, read_csv to Parquet', toParquet);
  const dataDir = path.join(folder, 'data');
  mkdirSync(dataDir);
  const command = ['dist/countersign.mjs', 'import', 'bars', file, '--format', 'alpaca', '--json'];
  const imported = await measure(rows, command, { DATA_DIR: dataDir });
  show('countersign import bars', imported);
  await compareStored(path.join(dataDir, 'history'), generated);
  console.log('every row is stored: count, closes and volumes add up');
  if (values.json !== undefined)
    writeFileSync(values.json, JSON.stringify({ rows, bytes: generated.bytes, count, toParquet, imported }, null, 2));
  if (imported.peakMb > MOST_MB) fail(`the import took ${imported.peakMb} MB, more than ${MOST_MB} MB`);
} finally {
  if (values.keep) console.log(`kept ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
}
