import { newYorkOffsetMs } from '@/server/domain/calendar';
import { gcd } from '@/server/domain/market/verify-bars';
import { FigureSurvey } from './figures';
import type { BarFormat } from './layouts';
import { isFault, RowReader, type WrittenRow } from './reading';
import type { TableRow } from './rows';
import { type Table, TableReader } from './table';
import { type DateOrder, instantOf, isMidnight, numericDate, type Zone } from './times';
import type { LineFault, ReadOptions } from './types';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Neighbouring days are nearer than this, with weekends and holidays between them; weeks and months are not. */
const FAR_MS = 6 * DAY_MS;
/** Days are no nearer than this, also where the clock changes. */
const NEAR_MS = 20 * HOUR_MS;
/** Periods of bars that vendors write beside minutes and days. */
const USUAL_PERIODS_MS = [2, 3, 5, 10, 15, 30, 60].map((minutes) => minutes * MINUTE_MS);
/** Faults that are kept until it is known whether any row can be read. */
const KEPT_FAULTS = 1_000;

/** The first and last time of a symbol, as they stand in the file. */
export interface SymbolSpan {
  readonly firstMs: number;
  lastMs: number;
  rows: number;
}

/** What the times of a file have in common, with its dates read in one order of day and month. */
export class TimeFacts {
  rows = 0;
  /** Rows whose time names its zone. */
  zoned = 0;
  /** Lines of dates without a time of day; only the first of them. */
  readonly dateLines: number[] = [];
  /** No row has a time of day, or all are midnight. */
  daily = true;
  wholeMinutes = true;
  /** Times on a whole hour. */
  onHours = 0;
  /** All times are the last instant of a minute. */
  lastInstants = true;
  /** Greatest common divisor of the distances between times of a symbol, ms. */
  apartMs = 0;
  /** How often neighbouring times of a symbol are one of the usual periods apart. */
  readonly #distances = new Map<number, number>(USUAL_PERIODS_MS.map((ms) => [ms, 0]));
  /** Pairs of neighbouring times of a symbol that are a week or more apart. */
  #far = 0;
  /** Pairs that are nearer than days. */
  #near = 0;
  /** The time of day of every row, in New York where the text names an instant; null once they differ. */
  ofDayMs: number | null | undefined = undefined;
  /** Pairs of neighbouring times of a symbol. */
  distancesSeen = 0;
  readonly symbols = new Map<string, SymbolSpan>();
  readonly faults: LineFault[] = [];

  /** The period that more than half of the distances have, minutes; 1 when no longer period prevails. */
  get usualApartMinutes(): number {
    for (const [ms, seen] of this.#distances) if (seen * 2 > this.distancesSeen) return ms / MINUTE_MS;
    return 1;
  }

  /** Whether the rows are days that are all stamped with one time, such as the close. */
  get atOneTime(): boolean {
    return typeof this.ofDayMs === 'number' && this.distancesSeen >= 2 && this.#near === 0;
  }

  /** Whether most rows are as far apart as weeks or months. */
  get farApart(): boolean {
    return this.distancesSeen >= 2 && this.#far * 2 > this.distancesSeen;
  }

  /** Whether no bar is missing between the first and the last of each symbol. */
  get contiguous(): boolean {
    return this.#distances.get(this.apartMs) === this.distancesSeen;
  }

  add({ time, symbol, line }: WrittenRow, zone: Zone | null): void {
    const { ofDayMs, instantMs } = time;
    this.rows += 1;
    if (instantMs !== null) this.zoned += 1;
    if (ofDayMs === null && this.dateLines.length < KEPT_FAULTS) this.dateLines.push(line);
    if (this.daily && ofDayMs !== null && ofDayMs !== 0 && !(instantMs !== null && isMidnight(instantMs)))
      this.daily = false;
    if (this.ofDayMs !== null) this.#compareTime(time);
    const ms = instantOf(time, zone ?? 'utc');
    if (ms === null) return;
    const rest = ms % MINUTE_MS;
    if (rest !== 0) this.wholeMinutes = false;
    if (rest < 59_000) this.lastInstants = false;
    const minuteMs = rest === 0 ? ms : ms - rest + MINUTE_MS;
    if (minuteMs % HOUR_MS === 0) this.onHours += 1;
    const span = this.symbols.get(symbol);
    if (span === undefined) this.symbols.set(symbol, { firstMs: minuteMs, lastMs: minuteMs, rows: 1 });
    else {
      const apartMs = Math.abs(minuteMs - span.lastMs);
      if (apartMs >= FAR_MS) this.#far += 1;
      if (apartMs < NEAR_MS) this.#near += 1;
      const seen = this.#distances.get(apartMs);
      if (seen !== undefined) this.#distances.set(apartMs, seen + 1);
      this.distancesSeen += 1;
      if (this.apartMs !== MINUTE_MS || apartMs % MINUTE_MS !== 0) this.apartMs = gcd(this.apartMs, apartMs);
      span.lastMs = minuteMs;
      span.rows += 1;
    }
  }

  #compareTime({ ofDayMs, instantMs }: WrittenRow['time']): void {
    const clockMs = instantMs === null ? ofDayMs : (instantMs + newYorkOffsetMs(instantMs)) % DAY_MS;
    if (this.ofDayMs === undefined) this.ofDayMs = clockMs;
    else if (this.ofDayMs !== clockMs) this.ofDayMs = null;
  }
}

/** What a whole file says about its notation, gathered in one pass and little memory. */
export class BarSurvey {
  readonly figures = new FigureSurvey();
  /** Rows without prices that were left out. */
  skipped = 0;
  /** Rows that were seen. */
  rows = 0;
  /** Whether dates such as 03/07/2001 occur, where, and which places hold more than 12. */
  readonly numericDates = { line: 0, firstOver12: false, secondOver12: false };
  readonly #reader: TableReader;
  readonly #facts: ReadonlyMap<DateOrder | null, TimeFacts>;
  #rows: RowReader | null = null;
  #lastSign = '';
  #severalLines = false;

  constructor(
    readonly format: BarFormat,
    readonly options: ReadOptions,
    readonly known: { readonly zone: Zone | null; readonly dateOrder: DateOrder | null },
  ) {
    this.#reader = new TableReader(format);
    const orders: readonly DateOrder[] = known.dateOrder === null ? ['mdy', 'dmy'] : [known.dateOrder];
    this.#facts = new Map(orders.map((order) => [order, new TimeFacts()]));
  }

  get table(): Table {
    return this.#reader.table;
  }

  /** The number of a last line that lacks its end, where other lines have theirs; null when all are whole. */
  get unfinishedLine(): number | null {
    return this.#severalLines && this.#lastSign !== '\n' && this.#lastSign !== '\r' ? this.#reader.lines + 1 : null;
  }

  /** @throws BarFileError */
  push(text: string): void {
    if (text === '') return;
    this.#lastSign = text.at(-1) ?? '';
    this.#severalLines ||= text.includes('\n');
    for (const row of this.#reader.push(text)) this.#add(row);
  }

  /** @throws BarFileError */
  end(): void {
    for (const row of this.#reader.end()) this.#add(row);
  }

  facts(order: DateOrder | null): TimeFacts {
    const facts = this.#facts.get(order) ?? [...this.#facts.values()][0];
    if (facts === undefined) throw new Error('a survey has at least one reading');
    return facts;
  }

  #add(row: TableRow): void {
    this.rows += 1;
    this.#rows ??= new RowReader(this.#reader.table, this.format, this.options);
    const numeric = numericDate(this.#rows.timeText(row));
    if (numeric !== null) {
      const [first, second] = numeric;
      this.numericDates.line ||= row.line;
      this.numericDates.firstOver12 ||= first > 12;
      this.numericDates.secondOver12 ||= second > 12;
    }
    const { zone } = this.known;
    let written: WrittenRow | LineFault | null | undefined;
    let figures: readonly string[] | null = null;
    for (const [order, facts] of this.#facts) {
      // A date with one reading is read once.
      if (numeric !== null || written === undefined) written = this.#rows.read(row, order);
      if (written === null) {
        this.skipped += 1;
        return;
      }
      if (isFault(written)) {
        if (facts.faults.length < KEPT_FAULTS) facts.faults.push(written);
      } else {
        facts.add(written, zone);
        figures = written.figures;
      }
    }
    if (figures !== null) this.figures.add(figures);
  }
}
