import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BarsDifferError } from '@/server/application/ports/bar-store';
import type { Bar } from '@/server/domain/exchange/types';
import { readBarFile } from '@/server/domain/market/bar-file';
import { parseUnits } from '@/server/kernel/money';
import { createParquetBarStore } from './bar-store';
import { openReader } from './duckdb';
import { openParquetFile } from './parquet-source';
import { readPartitions } from './read-partitions';

const MINUTE = 60_000;
const OPEN = Date.UTC(2024, 2, 8, 14, 30);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'countersign-bars-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function minutes(count: number, fromMs = OPEN, symbol = 'SPY'): Bar[] {
  return Array.from({ length: count }, (_, n) => {
    const startMs = fromMs + n * MINUTE;
    const price = parseUnits(`${100 + (n % 50)}.12345678`);
    return {
      symbol,
      startMs,
      endMs: startMs + MINUTE,
      open: price,
      high: price,
      low: price,
      close: price,
      volume: parseUnits('10.5'),
    };
  });
}

const files = (root: string): string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.parquet'))
    .sort();

const digest = (root: string) => {
  const hash = createHash('sha256');
  for (const file of files(root)) hash.update(file).update(readFileSync(path.join(root, file)));
  return hash.digest('hex');
};

describe('bars in Parquet', () => {
  it('come back exactly, from the partitions of their New York dates, within the bounds asked for', async () => {
    const store = createParquetBarStore(folder);
    const bars = minutes(3 * 24 * 60);
    const written = await store.add('1m', bars);
    expect(written).toMatchObject({ added: bars.length, same: 0 });
    // Summer time began on the tenth: 5 hours behind UTC, then 4.
    expect(files(folder)).toEqual(
      ['08', '09', '10', '11'].map((day) => path.join('1m', 'symbol=SPY', `date=2024-03-${day}`, 'bars.parquet')),
    );
    expect(await store.read({ symbol: 'SPY', period: '1m', afterMs: null, untilMs: null })).toEqual(bars);
    const [afterMs, untilMs] = [OPEN + 600 * MINUTE, OPEN + 2_000 * MINUTE];
    expect(await store.read({ symbol: 'SPY', period: '1m', afterMs, untilMs })).toEqual(bars.slice(600, 2_000));
    expect(await store.read({ symbol: 'QQQ', period: '1m', afterMs: null, untilMs: null })).toEqual([]);
    await store.close();
  });

  it('are the same bytes however they came in', async () => {
    const [whole, parts] = [path.join(folder, 'a'), path.join(folder, 'b')];
    const bars = minutes(2_000);
    const first = createParquetBarStore(whole);
    await first.add('1m', bars);
    const second = createParquetBarStore(parts);
    await Promise.all([second.add('1m', bars.slice(900)), second.add('1m', bars.slice(0, 1_100))]);
    expect(await second.add('1m', bars)).toMatchObject({ added: 0, same: 2_000, files: 0, bytes: 0 });
    expect(digest(parts)).toBe(digest(whole));
    await Promise.all([first.close(), second.close()]);
  });

  it('with other figures than the stored ones keep the whole request out', async () => {
    const store = createParquetBarStore(folder);
    const bars = minutes(10);
    await store.add('1m', bars);
    const before = digest(folder);
    const later = minutes(2_000).map((bar, n) => (n === 3 ? { ...bar, volume: bar.volume + 1_000_000n } : bar));
    await expect(store.add('1m', later)).rejects.toThrow(BarsDifferError);
    expect(digest(folder)).toBe(before);
    await store.close();
  });

  it('keep days by year, apart from minutes', async () => {
    const store = createParquetBarStore(folder);
    const day = { ...minutes(1)[0], startMs: OPEN, endMs: Date.UTC(2024, 2, 8, 21) } as Bar;
    await store.add('1d', [day]);
    await store.add('1m', minutes(2));
    expect(files(folder)[0]).toBe(path.join('1d', 'symbol=SPY', 'date=2024-01-01', 'bars.parquet'));
    expect(await store.holdings()).toMatchObject([
      { symbol: 'SPY', period: '1m', bars: 2, fromMs: OPEN, toMs: OPEN + 2 * MINUTE, files: 1 },
      { symbol: 'SPY', period: '1d', bars: 1 },
    ]);
    await store.close();
  });

  it('that cannot be read are an error, never "none"', async () => {
    const store = createParquetBarStore(folder);
    await store.add('1m', minutes(2));
    writeFileSync(path.join(folder, files(folder)[0] ?? ''), 'PAR1 and then nothing');
    await expect(store.read({ symbol: 'SPY', period: '1m', afterMs: null, untilMs: null })).rejects.toThrow(
      'the history of SPY cannot be read',
    );
    await store.close();
  });

  it('are read only as far as asked for, from either end', async () => {
    const store = createParquetBarStore(folder);
    const bars = minutes(30 * 24 * 60);
    await store.add('1m', bars);
    const range = { symbol: 'SPY', period: '1m', afterMs: OPEN, untilMs: null } as const;
    expect(await store.read({ ...range, limit: { bars: 3, of: 'oldest' } })).toEqual(bars.slice(0, 3));
    expect(await store.read({ ...range, limit: { bars: 16_000, of: 'oldest' } })).toEqual(bars.slice(0, 16_000));
    expect(await store.read({ ...range, limit: { bars: 16_000, of: 'newest' } })).toEqual(bars.slice(-16_000));
    expect([await store.has('SPY'), await store.has('QQQ')]).toEqual([true, false]);
    await store.close();
  });

  it('stay apart where the folder has a name that reads like a pattern', async () => {
    const [pattern, match] = [path.join(folder, "it's [a]*?"), path.join(folder, "it's a--")];
    const [first, second] = [createParquetBarStore(pattern), createParquetBarStore(match)];
    await first.add('1m', minutes(2));
    await second.add('1m', minutes(5));
    const all = { symbol: 'SPY', period: '1m', afterMs: null, untilMs: null } as const;
    expect(await first.read(all)).toHaveLength(2);
    expect(await first.holdings()).toMatchObject([{ bars: 2 }]);
    // Gone since it was looked for: an error, never what the pattern finds elsewhere.
    const duck = await openReader();
    rmSync(path.join(pattern, files(pattern)[0] ?? ''));
    const gone = [path.join(pattern, files(match)[0] ?? '')];
    await expect(readPartitions(duck.connection, 'SPY', gone)).rejects.toThrow('cannot be read');
    duck.close();
    await Promise.all([first.close(), second.close()]);
  });

  it('of a foreign file are read by its columns', async () => {
    const duck = await openReader();
    const file = path.join(folder, 'foreign.parquet');
    await duck.connection.run(
      `COPY (SELECT TIMESTAMP '2024-03-08 14:30:00' AS "Datetime", 1.5 AS "Open", 2.0 AS "High", 1.0::DOUBLE AS "Low", 1.25 AS "Close", 100 AS "Volume") TO '${file}' (FORMAT parquet)`,
    );
    duck.close();
    const options = { symbol: 'SPY', label: 'start', zone: 'utc' } as const;
    const text = async () => {
      let all = '';
      for await (const piece of (await openParquetFile(file)).read()) all += piece;
      return all;
    };
    const [read] = readBarFile(await text(), 'csv', options).files;
    expect(read?.period).toBe('1m');
    expect(read?.bars[0]).toMatchObject({ startMs: OPEN, low: parseUnits('1'), close: parseUnits('1.25') });
    writeFileSync(file, 'no parquet');
    await expect(text()).rejects.toThrow('not a Parquet file');
  });
});
