import { readFile } from 'node:fs/promises';
import { default as path } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { formatMoment } from '@/cli/format';
import { barsStore, historyFault } from '@/cli/history';
import { EXIT, EXIT_CODES, refuse, runAdmin } from '@/cli/run-admin';
import { ImportRefusedError, type ImportReport, importBars } from '@/server/application/history/import-bars';
import { HistoryBusyError } from '@/server/application/ports/bar-store';
import { symbolSchema } from '@/server/contracts/symbol';
import {
  type BarFile,
  BarFileError,
  type CsvTimes,
  readBarFile,
  requireWholeFile,
} from '@/server/domain/market/bar-file';

interface Options {
  readonly symbol: string;
  readonly format: 'ninjatrader' | 'csv' | 'parquet';
  readonly label?: 'start' | 'end';
  readonly zone: 'utc' | 'new-york';
  readonly dryRun?: boolean;
  readonly wait: number;
  readonly json?: boolean;
}

const RETRY_MS = 500;

/** More than a person reads; the rest is counted. */
const SHOWN_FAULTS = 20;

const HELP = `
Formats:
  ninjatrader  yyyyMMdd HHmmss;open;high;low;close;volume: minutes, UTC, labelled with their end
  csv          a header naming Date (or Datetime), Open, High, Low, Close, Volume in any order, as Yahoo writes it.
               Closes are taken as they are: a column of adjusted closes is not looked at. Oldest or newest first.
               Dates are sessions; times are minutes, and need --label start or --label end
  parquet      the same columns

A file is stored whole or not at all. What is stored already and equal is left alone: the same file again adds nothing.
A bar that is stored with other figures keeps the whole file out.

Examples:
  countersign import bars spy.txt --symbol SPY --format ninjatrader
  countersign import bars AAPL.csv --symbol AAPL --format csv
Exit codes: 0 stored (or nothing new), 1 refused (each line is named; nothing was stored), 2 wrong usage or an unreadable file.`;

export function importCommand(program: Command): void {
  const group = program.command('import').description('Bring recorded data in');
  importNewsCommand(group);
  group
    .command('bars')
    .description('Import recorded bars of one symbol')
    .argument('<file>', 'file of bars')
    .requiredOption('--symbol <symbol>', 'symbol of the bars')
    .addOption(
      new Option('--format <format>', 'format of the file')
        .choices(['ninjatrader', 'csv', 'parquet'])
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--label <label>', 'what a time in a CSV or Parquet file of minutes is').choices(['start', 'end']),
    )
    .addOption(new Option('--zone <zone>', 'zone of times that name none').choices(['utc', 'new-york']).default('utc'))
    .option('--dry-run', 'check the file and the calendar, store nothing')
    .option('--wait <seconds>', 'how long to wait while another process writes to the history', seconds, 60)
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(async (file: string, options: Options, command: Command) => {
      const symbol = symbolSchema.safeParse(options.symbol);
      if (!symbol.success)
        return command.error(`error: --symbol ${options.symbol}: ${symbol.error.issues[0]?.message}`, { exitCode: 2 });
      process.exitCode = await run(file, symbol.data, options);
    });
}

function seconds(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('must be a whole number of seconds');
  return Number(text);
}

async function readAny(file: string, symbol: string, { format, label, zone }: Options): Promise<BarFile> {
  const times: CsvTimes = { label: label ?? null, zone };
  if (format === 'parquet') {
    const { readBarParquet } = await import('@/server/composition/history');
    return readBarParquet(path.resolve(file), symbol, times);
  }
  const text = await readFile(file, 'utf8');
  const bars = readBarFile(text, format, symbol, times);
  requireWholeFile(text);
  return bars;
}

async function run(file: string, symbol: string, options: Options): Promise<number> {
  const json = options.json === true;
  const startedMs = performance.now();
  const store = await barsStore();
  try {
    const bars = await readAny(file, symbol, options);
    const say = json ? undefined : progress(options.dryRun === true);
    const report = await whenFree(
      () =>
        importBars(store, bars, { dryRun: options.dryRun === true, ...(say === undefined ? {} : { progress: say }) }),
      options.wait,
    );
    const seconds = (performance.now() - startedMs) / 1000;
    console.log(
      json ? JSON.stringify({ ...report, symbol, seconds }) : text(report, symbol, seconds, options.dryRun === true),
    );
    return 0;
  } catch (error) {
    const faults = faultsOf(error);
    if (faults === null) return historyFault(error, file);
    if (json) console.log(JSON.stringify({ error: 'refused', file, faults }));
    else {
      console.error(`${file}: refused, nothing was stored`);
      for (const { line, reason } of faults.slice(0, SHOWN_FAULTS))
        console.error(line === 0 ? `  ${reason}` : `  line ${line}: ${reason}`);
      if (faults.length > SHOWN_FAULTS) console.error(`  … and ${faults.length - SHOWN_FAULTS} more`);
    }
    return 1;
  } finally {
    await store.close();
  }
}

/** The worker's compaction and other imports hold the history for moments: waits for them. @throws HistoryBusyError */
async function whenFree<T>(work: () => Promise<T>, waitSeconds: number): Promise<T> {
  const startedMs = performance.now();
  for (let told = false; ; told = true) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof HistoryBusyError) || performance.now() - startedMs > waitSeconds * 1_000) throw error;
      if (!told) console.error('another process is writing to the history: waiting for it');
      await sleep(RETRY_MS);
    }
  }
}

function faultsOf(error: unknown): readonly { line: number; reason: string }[] | null {
  if (error instanceof ImportRefusedError) return error.faults;
  if (error instanceof BarFileError) return [{ line: error.line, reason: error.reason }];
  return null;
}

/** A line that writes over itself on a terminal; nothing where the output is a file. */
function progress(dryRun: boolean): ((written: number, total: number) => void) | undefined {
  if (dryRun || process.stderr.isTTY !== true) return undefined;
  return (written, total) => {
    process.stderr.write(`\r  ${written} of ${total} files written${written === total ? '\n' : ''}`);
  };
}

function text(report: ImportReport, symbol: string, seconds: number, dryRun: boolean): string {
  const { period, rows, added, same, files, bytes, gaps, missing, fromMs, toMs } = report;
  const span = `${formatMoment(new Date(fromMs))} to ${formatMoment(new Date(toMs))}`;
  return [
    `${symbol} ${period}   ${rows} rows, ${span}`,
    dryRun
      ? `checked only   ${added} would be added, ${same} are stored already`
      : `stored     ${added} added, ${same} stored already; ${files} file(s), ${bytes} bytes written`,
    `calendar   ${missing === 0 ? 'no gap' : `${missing} ${period === '1m' ? 'regular minute(s)' : 'session(s)'} missing in ${gaps} gap(s)`}`,
    `took       ${seconds.toFixed(2)} s`,
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
