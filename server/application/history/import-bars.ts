import type { BarSource } from '@/server/application/ports/bar-source';
import type { BarStore, BarsWritten, BarWriter } from '@/server/application/ports/bar-store';
import { BarsDifferError } from '@/server/application/ports/bar-store';
import { symbolSchema } from '@/server/contracts/symbol';
import {
  BarConverter,
  BarFileError,
  type BarFormat,
  type Dialect,
  dialectOf,
  type LineFault,
  type ReadOptions,
  surveyBars,
} from '@/server/domain/market/bar-file';
import { GapCounter } from '@/server/domain/market/gap-counter';
import type { Period } from '@/server/domain/market/period';
import type { Gap } from '@/server/domain/market/verify-bars';
import { formatUnits } from '@/server/kernel/money';
import { type BarChunk, BarChunks } from './bar-chunks';

/** What was stored of a symbol. */
export interface ImportReport extends BarsWritten {
  readonly symbol: string;
  readonly period: Period;
  readonly rows: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** Minutes or sessions that the calendar has and the file has not. */
  readonly missing: number;
  readonly gaps: number;
  /** The first of the gaps, oldest first. */
  readonly namedGaps: readonly Gap[];
}

export interface Imported {
  readonly symbols: readonly ImportReport[];
  /** How the file was read, in plain words. */
  readonly understood: readonly string[];
  /** What a person should look at before relying on the bars. */
  readonly warnings: readonly string[];
}

export interface ImportProgress {
  /** The file is read three times: to understand it, to check it, to store it. */
  readonly step: 'reading' | 'checking' | 'writing';
  readonly bytes: number;
  readonly rows: number;
}

export interface ImportOptions {
  /** Judges everything and stores nothing. */
  readonly dryRun?: boolean;
  readonly progress?: (progress: ImportProgress) => void;
  /** Runs the part that writes, and may wait for other writers. */
  readonly whenFree?: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Files of at most so many bars are kept in memory between checking and storing. */
const KEPT_BARS = 20_000;
const NAMED_FAULTS = 10_000;
const STEP_ROWS = 100_000;

function conflictFaults({ bars, lines }: BarChunk, error: BarsDifferError): LineFault[] {
  const lineOf = new Map(bars.map((bar, index) => [bar.endMs, lines[index] ?? 0]));
  return error.conflicts.map(({ stored, incoming }) => ({
    line: lineOf.get(incoming.endMs) ?? 0,
    reason: `the bar that ends ${new Date(incoming.endMs).toISOString()} is stored with close ${formatUnits(stored.close)} and volume ${formatUnits(stored.volume)}; the file says ${formatUnits(incoming.close)} and ${formatUnits(incoming.volume)}`,
  }));
}

/** The report of a symbol while its bars go by. */
class Tally {
  rows = 0;
  fromMs = Number.POSITIVE_INFINITY;
  toMs = 0;
  written = { added: 0, same: 0, files: 0, bytes: 0 };
  readonly gaps: GapCounter;

  constructor(
    readonly symbol: string,
    readonly period: Period,
  ) {
    this.gaps = new GapCounter(period);
  }

  see({ bars }: BarChunk, newestFirst: boolean): void {
    this.rows += bars.length;
    this.fromMs = Math.min(this.fromMs, bars[0]?.startMs ?? this.fromMs);
    this.toMs = Math.max(this.toMs, bars.at(-1)?.endMs ?? 0);
    for (const bar of newestFirst ? bars.toReversed() : bars) this.gaps.add(bar);
  }

  add({ added, same, files, bytes }: BarsWritten): void {
    const { written } = this;
    written.added += added;
    written.same += same;
    written.files += files;
    written.bytes += bytes;
  }

  report(): ImportReport {
    const { symbol, period, rows, fromMs, toMs, written } = this;
    const { gaps, missing, named } = this.gaps;
    const namedGaps = named.toSorted((a, b) => a.fromMs - b.fromMs);
    return { symbol, period, rows, fromMs, toMs, ...written, gaps, missing, namedGaps };
  }
}

type Tell = (step: ImportProgress['step'], bytes: number, rows: number) => void;

async function understand(source: BarSource, format: BarFormat, options: ReadOptions, tell: Tell): Promise<Dialect> {
  const survey = surveyBars(format, { ...options, fileName: source.name });
  let bytes = 0;
  for await (const text of source.read((read) => {
    bytes = read;
  })) {
    survey.push(text);
    tell('reading', bytes, survey.rows);
  }
  survey.end();
  const dialect = dialectOf(survey);
  for (const symbol of dialect.symbols.keys()) {
    const fault = symbolSchema.safeParse(symbol).error?.issues[0]?.message;
    if (fault !== undefined) throw BarFileError.at(0, `"${symbol}" is not a symbol: ${fault}`);
  }
  return dialect;
}

/** The bars of a source in chunks. @throws BarFileError after the last chunk when any line is faulty */
async function* chunksOf(
  source: BarSource,
  converter: BarConverter,
  onProgress: (bytes: number, rows: number) => void,
): AsyncGenerator<BarChunk> {
  const chunks = new BarChunks((symbol) => converter.dialect.symbols.get(symbol)?.newestFirst ?? false);
  let [bytes, rows] = [0, 0];
  for await (const text of source.read((read) => {
    bytes = read;
  })) {
    for (const numbered of converter.push(text)) {
      rows += 1;
      if (rows % STEP_ROWS === 0) onProgress(bytes, rows);
      yield* chunks.add(numbered);
    }
    onProgress(bytes, rows);
  }
  for (const numbered of converter.end()) yield* chunks.add(numbered);
  yield* chunks.end();
  onProgress(bytes, rows);
}

class Faults {
  readonly named: LineFault[] = [];
  #more = 0;

  add(faults: readonly LineFault[]): void {
    const room = Math.max(0, NAMED_FAULTS - this.named.length);
    this.named.push(...faults.slice(0, room));
    this.#more += Math.max(0, faults.length - room);
  }

  /** @throws BarFileError when there is any */
  end(): void {
    if (this.named.length === 0) return;
    const sorted = this.named.toSorted((a, b) => a.line - b.line);
    throw new BarFileError(this.#more === 0 ? sorted : [...sorted, { line: 0, reason: `${this.#more} more` }]);
  }
}

interface Checked {
  readonly tallies: ReadonlyMap<string, Tally>;
  readonly warnings: readonly string[];
  /** All bars, when they are few. */
  readonly kept: readonly BarChunk[] | null;
}

/** Checks every bar on its own and against what is stored. @throws BarFileError naming every faulty line */
async function check(source: BarSource, dialect: Dialect, writer: BarWriter, tell: Tell): Promise<Checked> {
  const { period, symbols, unfinishedLine } = dialect;
  const tallies = new Map<string, Tally>();
  const faults = new Faults();
  const converter = new BarConverter(dialect);
  let kept: BarChunk[] | null = [];
  let rows = 0;
  for await (const chunk of chunksOf(source, converter, (bytes, done) => tell('checking', bytes, done))) {
    const { symbol, bars } = chunk;
    const tally = tallies.get(symbol) ?? new Tally(symbol, period);
    tallies.set(symbol, tally);
    tally.see(chunk, symbols.get(symbol)?.newestFirst ?? false);
    // A file with faults is refused: what it would add need not be known.
    if (faults.named.length === 0 && !converter.faulty) faults.add(await judge(writer, chunk, tally));
    rows += bars.length;
    if (rows > KEPT_BARS) kept = null;
    kept?.push(chunk);
  }
  faults.end();
  if (unfinishedLine !== null)
    throw BarFileError.at(unfinishedLine, 'has no end of line: the file may be cut off (add one if it is whole)');
  for (const { gaps } of tallies.values()) gaps.end();
  return { tallies, warnings: converter.warnings, kept };
}

async function judge(writer: BarWriter, chunk: BarChunk, tally: Tally): Promise<readonly LineFault[]> {
  try {
    tally.add(await writer.add(tally.period, chunk.bars, { dryRun: true }));
    return [];
  } catch (error) {
    if (error instanceof BarsDifferError) return conflictFaults(chunk, error);
    throw error;
  }
}

async function store(source: BarSource, dialect: Dialect, writer: BarWriter, checked: Checked, tell: Tell) {
  const { tallies, kept } = checked;
  for (const tally of tallies.values()) tally.written = { added: 0, same: 0, files: 0, bytes: 0 };
  const chunks = kept ?? chunksOf(source, new BarConverter(dialect), (bytes, rows) => tell('writing', bytes, rows));
  for await (const chunk of chunks) tallies.get(chunk.symbol)?.add(await writer.add(dialect.period, chunk.bars));
}

/**
 * Stores the bars of a file: all of them, or none where any is at fault or stored with other figures. Again, it adds nothing: an
 * import that was interrupted is resumed by repeating it. Memory does not grow with the file.
 * @throws BarFileError naming every line @throws HistoryBusyError
 */
export async function importBars(
  bars: BarStore,
  source: BarSource,
  format: BarFormat,
  read: ReadOptions,
  options: ImportOptions = {},
): Promise<Imported> {
  const tell: Tell = (step, bytes, rows) => options.progress?.({ step, bytes, rows });
  const dialect = await understand(source, format, read, tell);
  const work = () =>
    bars.writing(async (writer) => {
      const checked = await check(source, dialect, writer, tell);
      if (options.dryRun !== true) await store(source, dialect, writer, checked, tell);
      return checked;
    });
  const { tallies, warnings } = await (options.whenFree ?? ((run) => run()))(work);
  return {
    symbols: [...tallies.values()].map((tally) => tally.report()),
    understood: [...source.understood, ...dialect.understood],
    warnings,
  };
}
