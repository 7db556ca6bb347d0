import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openHistory } from '@/server/composition/history';
import { newYorkDate } from '@/server/domain/calendar';
import type { Bar } from '@/server/domain/exchange/types';
import { findStrategy } from '@/server/domain/strategy';
import { runScenario } from '@/server/replay/run-scenario';
import { parseScenario } from '@/server/replay/scenario-file';
import type { BenchContext } from '../context';
import { minuteBars } from '../support/bars';
import { ByHand } from '../support/duckdb-by-hand';
import { bestRates } from '../support/processor-rate';
import { SCENARIO } from '../support/scenario';
import type { Measured } from '../support/table';

const DAY_MS = 86_400_000;

/** Times of so many things a second. */
const ms = (rate: number) => 1_000 / rate;

interface Written {
  readonly bars: readonly Bar[];
  readonly root: string;
  readonly hand: ByHand;
}

/** The same bars written through the history and by hand: the same files, each synced to disk. */
async function measureWriting(folder: string, bars: readonly Bar[]): Promise<{ row: Measured; root: string }> {
  const seconds = async (work: () => Promise<unknown>) => {
    const startedMs = performance.now();
    await work();
    return (performance.now() - startedMs) / 1_000;
  };
  const history = openHistory(folder);
  const ours = await seconds(() => history.add('1m', bars));
  await history.close();
  const hand = await ByHand.open();
  const theirs = await seconds(() => hand.write(path.join(folder, 'by-hand'), bars));
  hand.close();
  const [figure, baseline] = [bars.length / ours, bars.length / theirs];
  const row: Measured = {
    row: 'parquet-write',
    figure,
    baseline,
    baselineName: 'by hand',
    ratio: figure / baseline,
    unit: '/s',
    aim: { of: 'ratio', least: 0.5 },
    note: `${bars.length} bars into a file a day, each synced; the history also looks for what is there already, and renames`,
  };
  return { row, root: path.join(folder, 'history') };
}

/** One symbol-day and one symbol-year, as bars, against the same by hand. */
async function measureReading({ bars, root, hand }: Written, rounds: number): Promise<Measured[]> {
  const history = openHistory(path.dirname(root));
  const dates = [...new Set(bars.map(({ startMs }) => newYorkDate(startMs)))];
  const fromMs = bars[0]?.startMs ?? 0;
  const year = dates.filter((date) => date.slice(0, 4) === dates[0]?.slice(0, 4));
  const untilMs = Date.UTC(Number(dates[0]?.slice(0, 4)) + 1, 0, 1);
  let turn = 0;
  const next = () => {
    turn += 37;
    return dates[turn % dates.length] ?? '';
  };
  const day = async (): Promise<number> => {
    const middayMs = Date.parse(`${next()}T17:00:00Z`);
    const found = await history.read({
      symbol: 'SPY',
      period: '1m',
      afterMs: middayMs - DAY_MS / 2,
      untilMs: middayMs + DAY_MS / 2,
    });
    if (found.length === 0) throw new Error('a day without bars');
    return 1;
  };
  const dayByHand = async () => ((await hand.read(root, [next()])) > 0 ? 1 : 0);
  const whole = async () => {
    const found = await history.read({ symbol: 'SPY', period: '1m', afterMs: fromMs - DAY_MS, untilMs });
    if (found.length < year.length) throw new Error('a year without bars');
    return 1;
  };
  const wholeByHand = async () => ((await hand.read(root, year)) > 0 ? 1 : 0);
  const [oneDay = 0, oneDayByHand = 0] = await bestRates([day, dayByHand], rounds);
  const [oneYear = 0, oneYearByHand = 0] = await bestRates([whole, wholeByHand], rounds);
  await history.close();
  const row = (name: string, mine: number, other: number, most: number | null): Measured => ({
    row: name,
    figure: ms(mine),
    baseline: ms(other),
    baselineName: 'by hand',
    ratio: other / mine,
    unit: 'ms',
    aim: most === null ? null : { of: 'figure', most },
  });
  return [row('parquet-day', oneDay, oneDayByHand, 5), row('parquet-year', oneYear, oneYearByHand, null)];
}

/** Everything from the files to the end of a replay: bars, a strategy, the gate, fills, the hashed journal. */
async function measureReplay({ bars, root }: Written, rounds: number): Promise<Measured> {
  const history = openHistory(path.dirname(root));
  const replay = (from: readonly Bar[]): string => {
    const hash = createHash('sha256');
    const sink = (line: string) => void hash.update(line).update('\n');
    runScenario(parseScenario(SCENARIO), { sink, strategyOf: findStrategy, bars: from });
    return hash.digest('hex');
  };
  const expected = replay(bars);
  const same = (sha256: string) => {
    if (sha256 !== expected) throw new Error(`two replays differ: ${expected} and ${sha256}`);
    return bars.length;
  };
  const fromFiles = async () =>
    same(replay(await history.read({ symbol: 'SPY', period: '1m', afterMs: null, untilMs: null })));
  const [figure = 0, baseline = 0] = await bestRates([fromFiles, () => same(replay(bars))], rounds);
  await history.close();
  return {
    row: 'replay-parquet',
    figure,
    baseline,
    baselineName: 'from memory',
    ratio: figure / baseline,
    unit: '/s',
    aim: { of: 'figure', least: 800_000, orRatio: 0.5 },
    note: `${bars.length} bars from a file a day, every run with SHA-256 ${expected}`,
  };
}

/** Minute bars into the history and out of it again. */
export async function measureParquet({ options, progress }: BenchContext): Promise<Measured[]> {
  const folder = mkdtempSync(path.join(process.env['BENCH_FOLDER'] || tmpdir(), 'countersign-parquet-'));
  try {
    const bars = minuteBars(options.quick ? 100_000 : 1_000_000);
    progress(`parquet: writing ${bars.length} bars`);
    const { row, root } = await measureWriting(folder, bars);
    const hand = await ByHand.open();
    const written = { bars, root, hand };
    progress('parquet: reading');
    const rows = [row, ...(await measureReading(written, options.quick ? 3 : 8))];
    hand.close();
    progress('parquet: replay');
    return [...rows, await measureReplay(written, options.quick ? 3 : 4)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
