import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  accepted,
  type BarFixture,
  COMMAS,
  DAYS,
  ENDS,
  NEW_YORK,
  refused,
  SEMICOLONS,
  STARTS,
} from '@/cli/testing/bar-fixtures';
import { NOTATION_FIXTURES } from '@/cli/testing/bar-fixtures-notations';
import { REFUSED_FIXTURES } from '@/cli/testing/bar-fixtures-refused';
import { VENDOR_FIXTURES } from '@/cli/testing/bar-fixtures-vendors';
import { runCli } from '@/cli/testing/run-cli';
import { BAR_FORMATS } from '@/server/domain/market/bar-file';
import { haveShared, sharedFile } from '@/test-support/shared';

let folder: string;
let duck: DuckDBConnection;
beforeAll(async () => {
  duck = await (await DuckDBInstance.create()).connect();
});
afterAll(() => duck.closeSync());
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'countersign-files-'));
  vi.stubEnv('DATA_DIR', path.join(folder, 'data'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const parquetFiles = (): readonly string[] => {
  mkdirSync(path.join(folder, 'data'), { recursive: true });
  return readdirSync(path.join(folder, 'data'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.parquet'),
  );
};

/** Every bar in the Parquet files, read by DuckDB alone: none of the product's code has a part in it. */
async function stored(): Promise<readonly string[]> {
  if (parquetFiles().length === 0) return [];
  const root = path.join(folder, 'data/history');
  const rows = await duck.runAndReadAll(`
    SELECT symbol, regexp_extract(filename, 'history/(\\d+[mhd])/', 1) AS period,
      strftime(start_at AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%g') AS started,
      strftime(end_at AT TIME ZONE 'UTC', '%H:%M:%S.%g') AS ended,
      open::VARCHAR AS open, high::VARCHAR AS high, low::VARCHAR AS low, close::VARCHAR AS close, volume::VARCHAR AS volume
    FROM read_parquet('${root}/*/*/*/*.parquet', filename = true, hive_partitioning = true, hive_types_autocast = false)
    ORDER BY symbol, period, start_at`);
  const whole = (time: unknown) => String(time).replace(/:00\.000$/, '');
  const short = (figure: unknown) => String(figure).replace(/\.?0+$/, '');
  return rows
    .getRowObjects()
    .map(({ symbol, period, started, ended, open, high, low, close, volume }) =>
      [symbol, period, `${whole(started)}/${whole(ended)}`, ...[open, high, low, close, volume].map(short)].join(' '),
    );
}

const written = (content: BarFixture['content']) => (typeof content === 'string' ? content : content());

async function importFixture({ file, content, options }: BarFixture, ...more: readonly string[]) {
  const at = path.join(folder, file);
  writeFileSync(at, written(content));
  return runCli('import', 'bars', at, ...options.split(' ').filter((option) => option !== ''), ...more, '--json');
}

async function check(fixture: BarFixture): Promise<void> {
  const { expected } = fixture;
  if ('refused' in expected) {
    const { code, out, err } = await importFixture(fixture);
    expect(err).toBe('');
    const { faults } = JSON.parse(out) as { readonly faults: readonly { line: number; reason: string }[] };
    expect(faults.map(({ line, reason }) => (line === 0 ? reason : `line ${line}: ${reason}`))).toEqual(
      expected.refused,
    );
    expect(code).toBe(1);
    expect(parquetFiles()).toEqual([]);
    return;
  }
  const dry = await importFixture(fixture, '--dry-run');
  expect(parquetFiles()).toEqual([]);
  const { code, out, err } = await importFixture(fixture);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const report = JSON.parse(out) as { readonly understood: readonly string[]; readonly warnings: readonly string[] };
  expect(report.understood).toEqual(expected.understood);
  expect(JSON.parse(dry.out)).toMatchObject({ understood: report.understood, warnings: report.warnings });
  const warnings = expected.warnings ?? [];
  expect(report.warnings).toEqual(warnings.map((warning) => expect.stringContaining(warning)));
  expect(await stored()).toEqual(expected.stored);
}

describe('files in the notation of a vendor', () => {
  it('are there for every format by name', () => {
    const shown = VENDOR_FIXTURES.map(({ options }) => /--format (\S+)/.exec(options)?.[1]);
    expect(BAR_FORMATS.filter((format) => format !== 'csv' && !shown.includes(format))).toEqual([]);
  });

  it.each(VENDOR_FIXTURES)('$name', check);
});

const FRAME = 'columns: time = Datetime, open = Open, high = High, low = Low, close = Close, volume = Volume';
const BY_DATE = FRAME.replace('Datetime', 'Date');
const POSITIONS = 'no header: time, open, high, low, close, volume';
const LOWER = 'open = open, high = high, low = low, close = close, volume = volume';
const shared = (name: string) => () => readFileSync(sharedFile('cases/import', name));
const take = (
  name: string,
  options: string,
  understood: readonly string[],
  bars: readonly string[],
  warnings?: string[],
) => accepted(name, name, options, shared(name), understood, bars, warnings);
const turnDown = (name: string, options: string, ...faults: readonly string[]) =>
  refused(name, name, options, shared(name), faults);

/** The files of ../shared/cases/import, each with the options that it needs, and without those where they are asked for. */
const SHARED_FIXTURES: readonly BarFixture[] = [
  take(
    'daily-with-offset.csv',
    '--symbol KO',
    [COMMAS, FRAME, DAYS],
    [
      'KO 1d 2022-01-03T14:30/21:00 37.03 37.76 36.32 37.7 707800',
      'KO 1d 2022-01-04T14:30/21:00 37.67 38.86 37.4 38.49 624800',
      'KO 1d 2022-01-05T14:30/21:00 38.48 39.35 38.37 38.74 496200',
      'KO 1d 2022-01-06T14:30/21:00 38.8 39.14 38.65 38.78 266100',
      'KO 1d 2022-01-07T14:30/21:00 38.94 39.42 38.66 38.88 452800',
    ],
  ),
  take(
    'daily-with-offset-15-decimals.csv',
    '--symbol KO',
    [COMMAS, FRAME, DAYS, 'prices with up to 15 decimals: rounded to 4'],
    [
      'KO 1d 2022-01-03T14:30/21:00 37.03 37.76 36.32 37.7 707800',
      'KO 1d 2022-01-04T14:30/21:00 37.67 38.86 37.4 38.49 624800',
      'KO 1d 2022-01-05T14:30/21:00 38.48 39.35 38.37 38.74 496200',
      'KO 1d 2022-01-06T14:30/21:00 38.8 39.14 38.65 38.78 266100',
      'KO 1d 2022-01-07T14:30/21:00 38.94 39.42 38.66 38.88 452800',
    ],
  ),
  turnDown('daily-with-offset.csv', '--symbol KO --label start', '--label does not apply: the file holds days'),
  take(
    'fifteen-minute-bars.csv',
    '--symbol KO --label start',
    [COMMAS, FRAME, 'period: 15-minute bars, labelled with their start'],
    [
      'KO 15m 2026-05-26T08:00/08:15 170.0712 200.8117 170.0712 199.85 0',
      'KO 15m 2026-05-26T08:45/09:00 203.9988 203.9988 203.9988 203.9988 0',
      'KO 15m 2026-05-26T09:15/09:30 200.5875 200.5875 200.5875 200.5875 0',
      'KO 15m 2026-05-26T09:30/09:45 200.6758 200.6758 200.6758 200.6758 0',
      'KO 15m 2026-05-26T09:45/10:00 200.7781 200.7781 200.7781 200.7781 0',
      'KO 15m 2026-05-26T11:00/11:15 203.425 203.425 203.425 203.425 0',
      'KO 15m 2026-05-26T11:15/11:30 203.425 203.425 203.425 203.425 0',
    ],
  ),
  take(
    'quoted-thousands-volume.csv',
    '--symbol AAPL',
    [COMMAS, BY_DATE, DAYS],
    [
      'AAPL 1d 2024-01-02T14:30/21:00 187.15 188.44 183.89 185.64 82488700',
      'AAPL 1d 2024-01-03T14:30/21:00 184.22 185.88 183.43 184.25 58414500',
    ],
  ),
  turnDown(
    'two-symbols.csv',
    '--symbol AAPL --label start',
    'the file also holds SPY (2 row(s)): without --symbol each symbol is imported',
  ),
  take(
    'two-symbols.csv',
    '--label start',
    [COMMAS, `columns: time = timestamp, symbol = symbol, ${LOWER}`, STARTS],
    [
      'AAPL 1m 2024-01-02T14:30/14:31 187.15 187.2 186.9 187 1000',
      'AAPL 1m 2024-01-02T14:31/14:32 187 187.3 186.9 187.1 900',
      'SPY 1m 2024-01-02T14:32/14:33 472 472.3 471.9 472.1 800',
      'SPY 1m 2024-01-02T14:33/14:34 472.1 472.3 471.9 472 700',
    ],
  ),
  take(
    'ends-at-59-999.csv',
    '--symbol AAPL',
    [
      COMMAS,
      `columns: time = timestamp, ${LOWER}`,
      'times at the last instant of a minute: rounded up to its end',
      ENDS,
    ],
    [
      'AAPL 1m 2024-01-02T14:30/14:31 187.15 187.2 186.9 187 1000',
      'AAPL 1m 2024-01-02T14:31/14:32 187 187.3 186.9 187.1 900',
    ],
  ),
  take(
    'ninjatrader-new-york-start.txt',
    '--symbol SPY --format ninjatrader --zone new-york --label start',
    [SEMICOLONS, POSITIONS, NEW_YORK, STARTS],
    [
      'SPY 1m 2024-01-02T14:31/14:32 472.16 472.3 472.05 472.2 1000',
      'SPY 1m 2024-01-02T14:32/14:33 472.2 472.4 472.1 472.35 900',
      'SPY 1m 2024-01-02T21:00/21:01 472.65 472.7 472.6 472.65 5000',
    ],
  ),
  take(
    'unadjusted-split.csv',
    '--symbol AAPL',
    [COMMAS, BY_DATE, DAYS],
    [
      'AAPL 1d 2020-08-27T13:30/20:00 508.57 509.94 495.33 500.04 38888096',
      'AAPL 1d 2020-08-28T13:30/20:00 504.05 505.77 498.31 499.23 46907479',
      'AAPL 1d 2020-08-31T13:30/20:00 127.58 131 126 129.04 225702700',
      'AAPL 1d 2020-09-01T13:30/20:00 132.76 134.8 130.53 134.18 152470142',
    ],
    ['2020-08-31: opens at 127.58 after a close of 499.23, as after a split of 4'],
  ),
  turnDown(
    'yahoo-null-rows.csv',
    '--symbol KO --format yahoo',
    'line 3: has no prices (--skip-empty leaves such rows out)',
    'line 5: has no prices (--skip-empty leaves such rows out)',
  ),
  take(
    'yahoo-null-rows.csv',
    '--symbol KO --format yahoo --skip-empty',
    [COMMAS, BY_DATE, '2 row(s) without prices left out', DAYS],
    ['KO 1d 2024-01-02T14:30/21:00 100 102.5 99.5 101 1000000', 'KO 1d 2024-01-04T14:30/21:00 102 104 101 103 800000'],
  ),
  take(
    'unnamed-first-column.csv',
    '--symbol GOOG',
    [COMMAS, `${BY_DATE.replace('time = Date, ', '')}, time = the first column`, DAYS],
    [
      'GOOG 1d 2004-08-19T13:30/20:00 100 104.06 95.96 100.34 22351900',
      'GOOG 1d 2004-08-20T13:30/20:00 101.01 109.08 100.5 108.31 11428600',
      'GOOG 1d 2004-08-23T13:30/20:00 110.75 113.48 109.05 109.4 9137200',
    ],
  ),
  take(
    'semicolon.csv',
    '--symbol AAPL',
    [SEMICOLONS, BY_DATE, DAYS, 'decimal comma'],
    ['AAPL 1d 2024-01-02T14:30/21:00 187.15 188.44 183.89 185.64 82488700'],
  ),
];

describe.runIf(haveShared)('files that the product took wrongly (skipped without ../shared)', () => {
  it('are all here', () => {
    const names = [...new Set(SHARED_FIXTURES.map(({ file }) => file))].sort();
    expect(names).toEqual(readdirSync(sharedFile('cases/import')).sort());
  });

  it.each(SHARED_FIXTURES)('$name $options', check);
});

describe('files in another notation', () => {
  it.each(NOTATION_FIXTURES)('$name', check);
});

describe('files that are refused, and store nothing', () => {
  it.each(REFUSED_FIXTURES)('$name', check);
});
