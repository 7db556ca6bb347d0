import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { JournalFile } from '@/cli/journal-file';
import { symbolSchema } from '@/server/contracts/symbol';
import { findStrategy } from '@/server/domain/strategy';
import { BAR_FORMATS, type BarFormat, parseBarFile } from '@/server/replay/bar-files';
import { type Failure, type ReplayReport, runScenario } from '@/server/replay/run-scenario';
import { parseScenario, ScenarioError } from '@/server/replay/scenario-file';

interface Options {
  readonly journal?: string;
  readonly json?: boolean;
  readonly bars?: string;
  readonly format?: BarFormat;
  readonly symbol?: string;
}

const EXIT_CODES = `
Exit codes: 0 every expectation held, 1 some did not, 2 the file is invalid (nothing ran).
The last line printed is: expectations: N held, M failed · events: K · journal sha256: HEX`;

export function replayCommand(program: Command): void {
  program
    .command('replay')
    .description('Run a scenario file through the domain code on a virtual clock, with no database or network')
    .argument('<file>', 'scenario, JSON Lines')
    .option('--journal <out>', 'write the journal to this file')
    .option('--json', 'print one JSON object instead of text')
    .option('--bars <file>', "take the bars from this file; those that end before the scenario's start are left out")
    .addOption(new Option('--format <format>', 'format of the bar file').choices(BAR_FORMATS))
    .option('--symbol <symbol>', 'symbol of the bar file')
    .addHelpText('after', EXIT_CODES)
    .action(async (file: string, options: Options, command: Command) => {
      const { bars, format, symbol } = options;
      const given = [bars, format, symbol].filter((each) => each !== undefined).length;
      if (given !== 0 && given !== 3)
        command.error('error: --bars, --format and --symbol go together', { exitCode: 2 });
      const barFile =
        bars !== undefined && format !== undefined && symbol !== undefined ? { path: bars, format, symbol } : null;
      process.exitCode = await runReplay({
        file,
        journal: options.journal ?? null,
        json: options.json === true,
        barFile,
      });
    });
}

export interface ReplayRequest {
  readonly file: string;
  readonly journal: string | null;
  readonly json: boolean;
  readonly barFile: { readonly path: string; readonly format: BarFormat; readonly symbol: string } | null;
}

/** Runs one scenario and prints the report. Returns the exit code: 0 held, 1 failed, 2 the file is invalid. */
export async function runReplay(request: ReplayRequest): Promise<0 | 1 | 2> {
  try {
    return await replay(request);
  } catch (error) {
    const reason = invalidInput(error);
    if (reason === null) throw error;
    if (request.json) console.log(JSON.stringify({ error: reason.message, file: reason.file, line: reason.line }));
    else console.error(`${reason.file}: ${reason.message}`);
    return 2;
  }
}

async function replay({ file, journal, json, barFile }: ReplayRequest): Promise<0 | 1> {
  const scenario = await naming(file, async () => parseScenario(await readFile(file, 'utf8')));
  const bars = barFile === null ? null : await naming(barFile.path, async () => readBars(barFile));
  const hash = createHash('sha256');
  const out = journal === null ? null : await naming(journal, async () => JournalFile.open(journal));
  const report = await naming(file, async () =>
    runScenario(scenario, {
      sink: (line) => {
        hash.update(line).update('\n');
        out?.write(line);
      },
      strategyOf: findStrategy,
      ...(bars === null || barFile === null ? {} : { bars, barsSymbol: barFile.symbol }),
    }),
  );
  out?.close();
  const sha256 = hash.digest('hex');
  console.log(json ? jsonReport(report, sha256) : textReport(report, sha256));
  return report.failed === 0 ? 0 : 1;
}

async function readBars(barFile: NonNullable<ReplayRequest['barFile']>) {
  const symbol = symbolSchema.safeParse(barFile.symbol);
  if (!symbol.success)
    throw new ScenarioError(0, `--symbol ${barFile.symbol}: ${symbol.error.issues[0]?.message ?? 'is invalid'}`);
  return parseBarFile(await readFile(barFile.path, 'utf8'), barFile.format, symbol.data);
}

/** An error of a file, with the file's name. */
class InputError extends Error {
  constructor(
    readonly file: string,
    override readonly cause: unknown,
  ) {
    super(`${file} cannot be used`);
  }
}

async function naming<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new InputError(file, error);
  }
}

/** What is wrong with an input file; null for any other error, which is a defect. */
function invalidInput(error: unknown): { file: string; line: number | null; message: string } | null {
  if (!(error instanceof InputError)) return null;
  const { file, cause } = error;
  if (cause instanceof ScenarioError)
    return { file, line: cause.line, message: cause.line === 0 ? cause.reason : cause.message };
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string')
    return { file, line: null, message: cause.message };
  return null;
}

/** The line that every text report ends with. */
export function summaryLine({ held, failed, events }: ReplayReport, sha256: string): string {
  return `expectations: ${held} held, ${failed} failed · events: ${events} · journal sha256: ${sha256}`;
}

function table(failures: readonly Failure[]): string[] {
  const rows = [
    ['line', 'what', 'expected', 'observed'],
    ...failures.map(({ line, what, expected, observed }) => [String(line), what, expected, observed]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Failed expectations as a table, if any, and the summary line. */
function textReport(report: ReplayReport, sha256: string): string {
  const failures = report.failures.length === 0 ? [] : [...table(report.failures), ''];
  return [...failures, summaryLine(report, sha256)].join('\n');
}

/** The same as one JSON object on one line. */
function jsonReport(report: ReplayReport, sha256: string): string {
  const { held, failed, failures, events, bars, barsInSession, fills } = report;
  return JSON.stringify({
    held,
    failed,
    failures,
    events,
    bars,
    bars_in_session: barsInSession,
    fills,
    journal_sha256: sha256,
    summary: summaryLine(report, sha256),
  });
}
