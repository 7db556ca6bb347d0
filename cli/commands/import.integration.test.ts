import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { bundleForTest } from '@/test-support/bundle';
import { haveShared, sharedFile } from '@/test-support/shared';

// Each case runs the command as a process: the default of 5 s is for a quiet machine.
vi.setConfig({ testTimeout: 240_000 });

const SPY = sharedFile('data/spy-minute-2011-01/nt-spy-minute-2011.csv');

let folder: string;
let cliFile: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'countersign-import-'));
  cliFile = await bundleForTest('cli/main.ts', 'import');
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(cliFile, { force: true });
});

const environment = (data: string) => ({
  PATH: process.env['PATH'] ?? '',
  DATA_DIR: path.join(folder, data),
  NODE_ENV: 'test' as const,
});

function cli(data: string, ...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cliFile, ...args], {
    env: environment(data),
    encoding: 'utf8',
  });
  return { code: status, out: stdout, err: stderr };
}

const stored = (data: string): string[] => {
  const root = path.join(folder, data, 'history');
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.parquet'))
    .sort();
};

function digest(data: string): string {
  const hash = createHash('sha256');
  for (const file of stored(data)) hash.update(file).update(readFileSync(path.join(folder, data, 'history', file)));
  return hash.digest('hex');
}

/** Minutes of whole sessions from the first Monday of March 2011 on, as NinjaTrader writes them. */
function recording(days: number): string {
  const lines: string[] = [];
  for (let day = 0; day < days; day += 1) {
    const date = new Date(Date.UTC(2011, 2, 7 + day + 2 * Math.floor(day / 5)));
    const summer = date.getTime() >= Date.UTC(2011, 2, 13);
    for (let n = 1; n <= 390; n += 1) {
      const at = new Date(date.getTime() + ((summer ? 13 : 14) * 60 + 30 + n) * 60_000).toISOString();
      const close = (130 + ((day * 390 + n) % 97) / 100).toFixed(2);
      lines.push(
        `${at.slice(0, 10).replaceAll('-', '')} ${at.slice(11, 19).replaceAll(':', '')};130;131;129.5;${close};${n}`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

function write(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

const ninja = (file: string) => ['import', 'bars', file, '--symbol', 'SPY', '--format', 'ninjatrader'];

describe('importing bars', () => {
  it('stores a file whole, and nothing the second time', () => {
    const file = write('whole.txt', recording(10));
    const first = cli('whole', ...ninja(file), '--json');
    expect(first.code).toBe(0);
    expect(JSON.parse(first.out)).toMatchObject({ rows: 3_900, added: 3_900, same: 0, files: 10, missing: 0 });
    const before = digest('whole');
    const second = JSON.parse(cli('whole', ...ninja(file), '--json').out);
    expect(second).toMatchObject({ added: 0, same: 3_900, files: 0, bytes: 0 });
    expect(digest('whole')).toBe(before);
    expect(cli('whole', 'bars', 'verify').code).toBe(0);
    expect(cli('whole', 'bars', 'list').out).toContain('SPY');
  });

  it('is what a backtest runs on, twice to the same journal and curve', () => {
    const run = (name: string) => {
      const out = path.join(folder, name);
      const args = ['--strategy', 'ema-cross', '--symbol', 'SPY', '--from', '2011-03-09', '--equity', out];
      const { code, out: text } = cli('whole', 'backtest', ...args);
      return { code, hash: /journal sha256: ([0-9a-f]{64})/.exec(text)?.[1], curve: readFileSync(out, 'utf8') };
    };
    const first = run('first.csv');
    expect(first.code).toBe(0);
    // A header, the start, and a point a day.
    expect(first.curve.split('\n').slice(0, -1)).toHaveLength(10);
    expect(first.curve).toMatch(/^time,equity,drawdown\n2011-03-09T14:30:00\.000Z,100000\.000000,0\.000000\n/);
    expect(run('second.csv')).toEqual(first);
  });

  it('waits for another writer, and says so when that takes too long', async () => {
    mkdirSync(path.join(folder, 'busy', 'history'), { recursive: true });
    const other = await DuckDBInstance.create(path.join(folder, 'busy', 'history', 'writer.duckdb'));
    const result = cli('busy', ...ninja(write('busy.txt', recording(1))), '--wait', '0');
    other.closeSync();
    expect(result).toMatchObject({ code: 2, err: expect.stringContaining('another process is writing') });
    expect(stored('busy')).toEqual([]);
  });

  it('only checks with --dry-run', () => {
    const report = JSON.parse(cli('dry', ...ninja(write('dry.txt', recording(2))), '--dry-run', '--json').out);
    expect(report).toMatchObject({ added: 780, bytes: 0 });
    expect(stored('dry')).toEqual([]);
  });

  it.each<[string, (text: string) => string, string]>([
    ['that is cut off within a line', (text) => text.slice(0, -9), 'line 780:'],
    ['that is cut off within a figure', (text) => text.slice(0, -2), 'line 780: has no end of line'],
    [
      'with a repeated minute of another price',
      (text) => `${text}${(text.split('\n')[779] ?? '').replace(';390', ';391')}\n`,
      'line 781: repeated: the bar that ends 2011-03-08T21:00:00.000Z is in line 780 already with other figures',
    ],
    ['with impossible prices', (text) => text.replace(';131;', ';129.9;'), 'line 1:'],
  ])('refuses a file %s, by its line, and stores none of it', (_, spoil, said) => {
    const result = cli('refused', ...ninja(write('spoilt.txt', spoil(recording(2)))));
    expect(result.code).toBe(1);
    expect(result.err).toContain(said);
    expect(stored('refused')).toEqual([]);
  });

  it('refuses a column that is missing and a symbol that is none', () => {
    const file = write('columns.csv', 'Date,Open,High,Low,Last,Volume\n2011-01-03,1,1,1,1,1\n');
    const args = (symbol: string) => ['import', 'bars', file, '--symbol', symbol, '--format', 'csv'];
    const wrong = cli('columns', ...args('SPY'));
    expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining('line 1: the header must name') });
    expect(cli('columns', ...args('5PY')).code).toBe(2);
    expect(cli('columns', ...ninja(path.join(folder, 'absent.txt')))).toMatchObject({ code: 2 });
  });

  it('imports each symbol of a file, all of them or none', () => {
    const row = (symbol: string, time: string, close: string) =>
      `${symbol},2024-01-02 ${time}:00+00:00,${close},${close},${close},${close},5`;
    const header = 'symbol,timestamp,open,high,low,close,volume';
    const whole = [
      header,
      row('AAPL', '14:30', '187.1'),
      row('AAPL', '14:31', '187.2'),
      row('SPY', '14:31', '472.1'),
      '',
    ];
    const args = (name: string, text: string) => ['import', 'bars', write(name, text), '--format', 'alpaca', '--json'];
    const first = JSON.parse(cli('many', ...args('many.csv', whole.join('\n'))).out);
    expect(first.imported).toMatchObject([
      { symbol: 'AAPL', added: 2 },
      { symbol: 'SPY', added: 1 },
    ]);
    const before = digest('many');
    // SPY's minute is stored with another price: AAPL's new minute must not be stored either.
    const differing = [
      header,
      row('AAPL', '14:32', '187.3'),
      row('SPY', '14:31', '472.2'),
      row('SPY', '14:32', '472.3'),
      '',
    ];
    expect(cli('many', ...args('differing.csv', differing.join('\n'))).code).toBe(1);
    expect(digest('many')).toBe(before);
  });

  it('goes through a folder, compressed files as well, and goes on after a refused file', () => {
    const into = path.join(folder, 'bars');
    mkdirSync(into);
    const [one, two] = [recording(1), recording(2).split('\n').slice(390).join('\n')];
    writeFileSync(path.join(into, 'a.txt.gz'), gzipSync(one));
    writeFileSync(path.join(into, 'b.txt'), 'nonsense\n');
    writeFileSync(path.join(into, 'c.txt'), Buffer.from(`\ufeff${two}`, 'utf16le'));
    const result = cli('folder', ...ninja(into));
    expect(result).toMatchObject({ code: 1, err: expect.stringContaining('b.txt: refused') });
    expect(result.out).toContain('compressed with gzip');
    expect(result.out).toContain('UTF-16');
    expect(result.out).toContain('3 files: 2 stored, 1 refused');
    expect(stored('folder')).toHaveLength(2);
  });

  it('keeps 15-minute bars apart from minutes, verifies them, writes them back and runs a backtest on them', () => {
    const rows = [7, 8, 9].flatMap((day) =>
      Array.from({ length: 26 }, (_, n) => {
        const at = new Date(Date.UTC(2011, 2, day, 14, 30 + n * 15)).toISOString();
        return `${at},130,131,129,${130 + (n % 2)},${1_000 + n}`;
      }),
    );
    const file = write('quarters.csv', `Date,Open,High,Low,Close,Volume\n${rows.join('\n')}\n`);
    const imported = cli('quarters', 'import', 'bars', file, '--symbol', 'SPY', '--label', 'start');
    expect(imported).toMatchObject({ code: 0, err: '' });
    expect(imported.out).toContain('period: 15-minute bars, labelled with their start');
    expect(stored('quarters')).toEqual(['15m/symbol=SPY/date=2011-01-01/bars.parquet']);
    expect(cli('quarters', 'bars', 'verify').out).toContain(
      'SPY 15m: 78 bars, 0 regular bar(s) missing in 0 gap(s), 0 bad',
    );
    const out = path.join(folder, 'again.csv');
    expect(cli('quarters', 'bars', 'export', '--symbol', 'SPY', '--period', '15m', '--out', out).code).toBe(0);
    expect(cli('quarters', 'import', 'bars', out, '--format', 'alpaca').out).toContain('0 added, 78 stored already');
    const run = ['backtest', '--strategy', 'ema-cross', '--symbol', 'SPY', '--json'];
    expect(JSON.parse(cli('quarters', ...run, '--period', '15m').out)).toMatchObject({ bars: 78, barsInSession: 78 });
    expect(cli('quarters', ...run, '--period', '1m')).toMatchObject({
      code: 2,
      err: expect.stringContaining('no 1m bars'),
    });
  });

  it('refuses bars that are stored with other figures, naming the lines, and keeps what is stored', () => {
    const text = recording(3);
    cli('differ', ...ninja(write('first.txt', text)));
    const before = digest('differ');
    const lines = recording(5).split('\n');
    lines[800] = (lines[800] ?? '').replace(/;\d+$/, ';7');
    const result = cli('differ', ...ninja(write('second.txt', lines.join('\n'))));
    expect(result.code).toBe(1);
    expect(result.err).toContain('line 801: the bar that ends');
    expect(digest('differ')).toBe(before);
  });

  it('killed before a file takes its place and begun again ends in the same bytes', () => {
    const file = write('long.txt', recording(12));
    expect(cli('undisturbed', ...ninja(file)).code).toBe(0);
    for (const nth of [1, 3, 6]) {
      const { signal } = spawnSync(process.execPath, [cliFile, ...ninja(file)], {
        env: { ...environment('killed'), COUNTERSIGN_FAILPOINTS: `history-temporary@${nth}` },
      });
      expect(signal).toBe('SIGKILL');
    }
    // Seven files are whole; what the last one left half done is not seen, and is gone after the next.
    expect(stored('killed')).toHaveLength(7);
    expect(cli('killed', ...ninja(file)).code).toBe(0);
    expect(digest('killed')).toBe(digest('undisturbed'));
    expect(cli('killed', 'bars', 'verify').code).toBe(0);
  });

  it.skipIf(!haveShared)('stores the recorded minutes of January 2011 (skipped without ../shared)', () => {
    const result = cli('recorded', ...ninja(SPY), '--json');
    expect(JSON.parse(result.out)).toMatchObject({ rows: 14_180, added: 14_180, missing: 0, gaps: 0 });
  });
});
