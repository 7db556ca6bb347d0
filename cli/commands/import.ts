import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { formatMoment, missingUnit } from '@/cli/format';
import { barsStore, historyFault } from '@/cli/history';
import { EXIT, EXIT_CODES, refuse, runAdmin } from '@/cli/run-admin';
import { type Split, splits } from '@/cli/split-option';
import { type ImportProgress, type ImportReport, importBars } from '@/server/application/history/import-bars';
import type { BarSource } from '@/server/application/ports/bar-source';
import { type BarStore, HistoryBusyError } from '@/server/application/ports/bar-store';
import { symbolSchema } from '@/server/contracts/symbol';
import { BAR_FORMATS, BarFileError, type BarFormat, LAYOUTS, type ReadOptions } from '@/server/domain/market/bar-file';
import { type IntradayPeriod, PERIODS, type Period } from '@/server/domain/market/period';

interface Options {
  readonly symbol?: string;
  readonly format: BarFormat | 'parquet';
  readonly label?: 'start' | 'end';
  readonly zone?: 'utc' | 'new-york';
  readonly dateOrder?: 'mdy' | 'dmy';
  readonly decimal?: 'point' | 'comma';
  readonly decimals?: number;
  readonly sparse?: true;
  readonly period?: IntradayPeriod;
  readonly skipEmpty?: boolean;
  readonly adjusted?: boolean;
  readonly useAdjusted?: boolean;
  readonly split: readonly Split[];
  readonly dryRun?: boolean;
  readonly wait: number;
  readonly json?: boolean;
}

const RETRY_MS = 500;

/** More than a person reads; the rest is counted. */
const SHOWN_LINES = 20;

const HELP = `
Formats:
${Object.entries(LAYOUTS)
  .map(([name, { description }]) => `  ${name.padEnd(13)}${description}`)
  .join('\n')}
  parquet      the columns of csv

Delimiter, quotes, thousands separators, decimal commas, epochs and offsets are recognised and reported; files may be UTF-8 or
UTF-16, plain, .gz or .zip. What can be read in two ways is refused until an option states it. Closes are taken as they are: a
column of adjusted closes is not read unless --use-adjusted asks for it. Dates are sessions; times are minutes, and need --label where the format does not say what
they label. Their distances decide the period: 1, 5, 15, 30 or 60 minutes. Other periods cannot be stored.

Each file is stored completely or not at all. Bars that are stored already with the same figures are left alone, so a folder whose
import was interrupted can simply be imported again. A bar that is stored with other figures keeps its whole file out.

Examples:
  countersign import bars spy.txt --symbol SPY --format ninjatrader
  countersign import bars AAPL.csv --symbol AAPL --format yahoo --dry-run
  countersign import bars bars/ --format alpaca
Exit codes: 0 stored (or nothing new), 1 refused (each line is named; nothing of that file was stored), 2 wrong usage or an unreadable file.`;

export function importCommand(program: Command): void {
  const group = program.command('import').description('Bring recorded data in');
  importNewsCommand(group);
  group
    .command('bars')
    .description('Import recorded bars')
    .argument('<path...>', 'files of bars, or folders of them')
    .option('--symbol <symbol>', 'symbol of the bars; may be left out when the file has a column of symbols')
    .addOption(
      new Option('--format <format>', 'format of the files').choices([...BAR_FORMATS, 'parquet']).default('csv'),
    )
    .addOption(new Option('--label <label>', 'what the time of a minute bar is').choices(['start', 'end']))
    .addOption(new Option('--zone <zone>', 'zone of times that name none').choices(['utc', 'new-york']))
    .addOption(new Option('--date-order <order>', 'order of dates such as 03/07/2001').choices(['mdy', 'dmy']))
    .addOption(
      new Option('--decimal <mark>', 'what separates decimals, where it is not clear').choices(['point', 'comma']),
    )
    .option('--decimals <count>', 'round prices to so many decimals (0 to 8)', decimalCount)
    .option('--sparse', 'times more than a minute apart are minutes with gaps')
    .addOption(
      new Option('--period <period>', 'length of the bars, where their distances do not settle it').choices(
        PERIODS.filter((period) => period !== '1d'),
      ),
    )
    .option('--skip-empty', 'leave out rows without prices (null)')
    .option('--adjusted', 'prices are adjusted for splits: do not warn of jumps')
    .option('--use-adjusted', 'scale prices to the column of adjusted closes')
    .option(
      '--split <date:ratio>',
      'adjust earlier bars for a split, such as 2020-08-31:4 or 2023-05-01:1/8',
      splits,
      [],
    )
    .option('--dry-run', 'show what was understood and check everything; store nothing')
    .option('--wait <seconds>', 'how long to wait while another process writes to the history', seconds, 60)
    .option('--json', 'print one JSON object for each file')
    .addHelpText('after', HELP)
    .action(async (paths: readonly string[], options: Options, command: Command) => {
      const symbol = options.symbol === undefined ? undefined : symbolSchema.safeParse(options.symbol);
      if (symbol?.success === false)
        return command.error(`error: --symbol ${options.symbol}: ${symbol.error.issues[0]?.message}`, { exitCode: 2 });
      process.exitCode = await run(paths, options);
    });
}

function seconds(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('must be a whole number of seconds');
  return Number(text);
}

function decimalCount(text: string): number {
  if (!/^[0-8]$/.test(text)) throw new InvalidArgumentError('must be a number from 0 to 8');
  return Number(text);
}

function readOptions(options: Options): ReadOptions {
  const { symbol, label, zone, dateOrder, decimal, decimals, sparse, period, skipEmpty, adjusted, useAdjusted, split } =
    options;
  const stated = {
    symbol,
    label,
    zone,
    dateOrder,
    decimal,
    decimals,
    sparse,
    period,
    skipEmpty,
    adjusted,
    useAdjusted,
  };
  const given = Object.fromEntries(Object.entries(stated).filter(([, value]) => value !== undefined)) as ReadOptions;
  return { ...given, splits: split };
}

async function openSource(file: string, format: Options['format']): Promise<BarSource> {
  const { openParquetFile, openTextFile } = await import('@/server/composition/history');
  return format === 'parquet' ? openParquetFile(path.resolve(file)) : openTextFile(file);
}

/** The files of the paths; of a folder, those in it, by name. */
async function filesOf(paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const each of paths) {
    if (!(await stat(each)).isDirectory()) found.push(each);
    else {
      const names = (await readdir(each, { withFileTypes: true })).filter((entry) => entry.isFile());
      found.push(...names.map(({ name }) => path.join(each, name)).sort());
    }
  }
  return found;
}

async function run(paths: readonly string[], options: Options): Promise<number> {
  const store = await barsStore();
  try {
    let files: readonly string[];
    try {
      files = await filesOf(paths);
    } catch (error) {
      return historyFault(error, paths.join(' '));
    }
    if (files.length === 0) {
      console.error(`${paths.join(' ')}: there is no file`);
      return EXIT.unusable;
    }
    const codes: number[] = [];
    for (const [index, file] of files.entries()) {
      if (files.length > 1 && options.json !== true) console.log(`${file} (${index + 1} of ${files.length})`);
      codes.push(await importFile(store, file, options));
    }
    if (files.length > 1 && options.json !== true) console.log(closingLine(codes, options.dryRun === true));
    return Math.max(...codes);
  } finally {
    await store.close();
  }
}

/** What became of the files of a folder. */
function closingLine(codes: readonly number[], dryRun: boolean): string {
  const count = (code: number) => codes.filter((each) => each === code).length;
  const parts = [
    `${count(EXIT.done)} ${dryRun ? 'can be stored' : 'stored'}`,
    `${count(EXIT.refused)} refused`,
    ...(count(EXIT.unusable) === 0 ? [] : [`${count(EXIT.unusable)} unreadable`]),
  ];
  return `${codes.length} files: ${parts.join(', ')}`;
}

async function importFile(store: BarStore, file: string, options: Options): Promise<number> {
  const json = options.json === true;
  const dryRun = options.dryRun === true;
  const startedMs = performance.now();
  try {
    const source = await openSource(file, options.format);
    const progress = json || process.stderr.isTTY !== true ? undefined : progressLine(source.bytes);
    const imported = await importBars(
      store,
      source,
      options.format === 'parquet' ? 'csv' : options.format,
      readOptions(options),
      {
        dryRun,
        whenFree: (work) => whenFree(work, options.wait),
        ...(progress === undefined ? {} : { progress }),
      },
    );
    if (progress !== undefined) process.stderr.write('\n');
    const seconds = (performance.now() - startedMs) / 1000;
    const { symbols, understood, warnings } = imported;
    if (json) {
      const [only] = symbols.length === 1 ? symbols : [];
      console.log(JSON.stringify({ ...only, file, imported: symbols, understood, warnings, seconds }));
      return 0;
    }
    for (const line of understood) console.log(`understood ${line}`);
    for (const report of symbols) console.log(text(report, dryRun));
    const rows = symbols.reduce((sum, each) => sum + each.rows, 0);
    console.log(`took       ${seconds.toFixed(2)} s, ${Math.round(rows / seconds)} rows/s`);
    for (const line of warnings.slice(0, SHOWN_LINES)) console.error(`warning: ${line}`);
    if (warnings.length > SHOWN_LINES) console.error(`… and ${warnings.length - SHOWN_LINES} more warnings`);
    return 0;
  } catch (error) {
    if (!(error instanceof BarFileError)) return historyFault(error, file);
    const { faults } = error;
    if (json) console.log(JSON.stringify({ error: 'refused', file, faults }));
    else {
      console.error(`${file}: refused, nothing was stored`);
      for (const { line, reason } of faults.slice(0, SHOWN_LINES))
        console.error(line === 0 ? `  ${reason}` : `  line ${line}: ${reason}`);
      if (faults.length > SHOWN_LINES) console.error(`  … and ${faults.length - SHOWN_LINES} more`);
    }
    return 1;
  }
}

/** The worker's compaction and other imports hold the history for moments: waits for them. @throws HistoryBusyError */
async function whenFree<T>(work: () => Promise<T>, waitSeconds: number): Promise<T> {
  const startedMs = performance.now();
  for (let announced = false; ; announced = true) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof HistoryBusyError) || performance.now() - startedMs > waitSeconds * 1_000) throw error;
      if (!announced) console.error('another process is writing to the history: waiting for it');
      await sleep(RETRY_MS);
    }
  }
}

const REDRAW_MS = 200;

/** A line that writes over itself on a terminal: the step, how much of the file it has done, and rows a second. */
function progressLine(totalBytes: number): (progress: ImportProgress) => void {
  let [drawnMs, startedMs, current] = [0, performance.now(), ''];
  return ({ step, bytes, rows }) => {
    const nowMs = performance.now();
    if (step !== current) [startedMs, current] = [nowMs, step];
    else if (nowMs - drawnMs < REDRAW_MS) return;
    drawnMs = nowMs;
    const share = totalBytes === 0 ? 100 : Math.floor((bytes / totalBytes) * 100);
    const pace = Math.round((rows / Math.max(1, nowMs - startedMs)) * 1000);
    process.stderr.write(`\r  ${step} ${share}%, ${rows} rows, ${pace} rows/s\x1b[K`);
  };
}

function gapText({ date, fromMs, toMs, bars }: ImportReport['namedGaps'][number], period: Period): string {
  return period === '1d'
    ? date
    : `${formatMoment(new Date(fromMs))} to ${formatMoment(new Date(toMs))}, ${bars} ${period === '1m' ? 'minute(s)' : 'bar(s)'}`;
}

function text(report: ImportReport, dryRun: boolean): string {
  const { symbol, period, rows, added, same, files, bytes, gaps, missing, namedGaps, fromMs, toMs } = report;
  const span = `${formatMoment(new Date(fromMs))} to ${formatMoment(new Date(toMs))}`;
  return [
    `${symbol} ${period}   ${rows} rows, ${span}`,
    dryRun
      ? `checked only   ${added} would be added, ${same} are stored already`
      : `stored     ${added} added, ${same} stored already; ${files} file(s), ${bytes} bytes written`,
    `calendar   ${missing === 0 ? 'no gap' : `${missing} ${missingUnit(period)} missing in ${gaps} gap(s)`}`,
    ...namedGaps.map((gap) => `  missing  ${gapText(gap, period)}`),
    ...(gaps > namedGaps.length ? [`  … and ${gaps - namedGaps.length} more gap(s)`] : []),
  ].join('\n');
}

interface NewsOptions {
  readonly symbol?: string;
  readonly json?: boolean;
}

const NEWS_HELP = `
JSON: {"news": [{"ticker", "title", "source", "date", "url"}]} or a bare array; dates in ISO 8601. A file is stored whole or not
at all; the same item again adds nothing. Headlines stay as they are, and are made plain where a memo is written: a memo knows
of an item only if it was published before the decision.

Example:
  countersign import news AAPL_2024-03.json --symbol AAPL
${EXIT_CODES}`;

/** Registers `import news` in the group of imports. */
function importNewsCommand(group: Command): void {
  group
    .command('news')
    .description('Import recorded headlines for memos')
    .argument('<file>', 'JSON file')
    .option('--symbol <symbol>', 'symbol of items that name none')
    .option('--json', 'print one JSON object')
    .addHelpText('after', NEWS_HELP)
    .action((file: string, options: NewsOptions, command: Command) => {
      const symbol = options.symbol === undefined ? null : symbolSchema.safeParse(options.symbol);
      if (symbol?.success === false)
        return command.error(`error: --symbol ${options.symbol}: ${symbol.error.issues[0]?.message}`, {
          exitCode: EXIT.unusable,
        });
      return importNews(file, symbol?.data ?? null, options.json === true);
    });
}

function importNews(file: string, symbol: string | null, json: boolean): Promise<void> {
  return runAdmin(async (admin) => {
    try {
      const { items, added } = await admin.importNews(file, symbol);
      console.log(json ? JSON.stringify({ file, items, added }) : `${added} added, ${items - added} stored already`);
      return EXIT.done;
    } catch (error) {
      if (error instanceof Error && error.name === 'NewsFileError')
        return refuse(`${file}: ${error.message}; nothing was stored`);
      if (error instanceof Error && 'syscall' in error && 'path' in error) {
        console.error(`${file} cannot be read: ${error.message}`);
        return EXIT.unusable;
      }
      throw error;
    }
  });
}
