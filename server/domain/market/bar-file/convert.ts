import { newYorkDate, sessionOn } from '@/server/domain/calendar';
import type { Bar } from '@/server/domain/exchange/types';
import { type IntradayPeriod, PERIOD_WORDS, spanFrom, spanUpTo } from '@/server/domain/market/period';
import { formatUnits } from '@/server/kernel/money';
import { type Dialect, STORED_DECIMALS } from './dialect';
import { readFigure, toUnits } from './figures';
import { FIGURES, isFault, RowReader, type WrittenRow } from './reading';
import type { TableRow } from './rows';
import { jumpBetween, splitAdjusted } from './splits';
import { TableReader } from './table';
import { instantOf, sessionDate } from './times';
import { BarFileError, type LineFault } from './types';

const MINUTE_MS = 60_000;
/** More faults are counted, not named: a file that is wrong throughout must not fill the memory. */
const NAMED_FAULTS = 10_000;
const NAMED_JUMPS = 10_000;
/** Bars among which a repeated one is found by its line. */
const REMEMBERED_BARS = 20_000;

export interface NumberedBar {
  readonly bar: Bar;
  readonly line: number;
}

/** A symbol whose bars are being read. */
interface Course {
  readonly newestFirst: boolean;
  last: NumberedBar | null;
  /** Bars by their end, epoch ms. */
  readonly remembered: Map<number, NumberedBar>;
  readonly jumps: string[];
}

const sameFigures = (a: Bar, b: Bar) => FIGURES.every((name) => a[name] === b[name]);

function priceFault({ open, high, low, close, volume }: Bar): string | null {
  if (low <= 0n || open <= 0n || close <= 0n || volume < 0n)
    return 'prices must be greater than zero, volume not negative';
  if (high < low) return 'high must not be below low';
  return high < open || high < close || low > open || low > close ? 'high and low do not enclose open and close' : null;
}

/**
 * Turns the text of a file into bars as it arrives, in the file's order. Faults are collected: none of the bars may be used
 * before {@link end} found no fault.
 */
export class BarConverter {
  readonly #table: TableReader;
  readonly #courses = new Map<string, Course>();
  readonly #faults: LineFault[] = [];
  #unnamedFaults = 0;
  #rememberedBars = 0;
  #jumps = 0;
  #rows: RowReader | null = null;

  constructor(readonly dialect: Dialect) {
    this.#table = new TableReader(dialect.format);
  }

  /** Whether any line so far is faulty. */
  get faulty(): boolean {
    return this.#faults.length > 0;
  }

  /** What a person should look at before relying on the bars, oldest first. */
  get warnings(): readonly string[] {
    const named = [...this.#courses.values()].flatMap(({ jumps, newestFirst }) =>
      newestFirst ? jumps.toReversed() : jumps,
    );
    const more = this.#jumps - named.length;
    return more > 0 ? [...named, `${more} more jump(s)`] : named;
  }

  push(text: string): NumberedBar[] {
    return this.#bars(this.#table.push(text));
  }

  /** The bars of the last rows. @throws BarFileError naming every faulty line */
  end(): NumberedBar[] {
    const bars = this.#bars(this.#table.end());
    const faults = this.#faults.sort((a, b) => a.line - b.line);
    const more = this.#unnamedFaults === 0 ? [] : [{ line: 0, reason: `${this.#unnamedFaults} more lines are faulty` }];
    if (faults.length > 0) throw new BarFileError([...faults, ...more]);
    return bars;
  }

  #bars(rows: readonly TableRow[]): NumberedBar[] {
    if (rows.length === 0) return [];
    const { table, format, options, dateOrder } = this.dialect;
    this.#rows ??= new RowReader(table, format, options);
    const bars: NumberedBar[] = [];
    for (const row of rows) {
      const written = this.#rows.read(row, dateOrder);
      if (written === null) continue;
      if (isFault(written)) this.#fault(written);
      else {
        const bar = this.#bar(written);
        if (bar !== null) bars.push(this.#follow({ bar, line: row.line }));
      }
    }
    return bars;
  }

  #fault(fault: LineFault): null {
    if (this.#faults.length < NAMED_FAULTS) this.#faults.push(fault);
    else this.#unnamedFaults += 1;
    return null;
  }

  #bar(row: WrittenRow): Bar | null {
    const { line, symbol } = row;
    const { period } = this.dialect;
    const span = period === '1d' ? this.#session(row) : this.#intraday(row, period);
    const prices = this.#prices(row);
    if (span === null || prices === null) return null;
    let bar: Bar = { symbol, startMs: span[0], endMs: span[1], ...prices };
    const reason = priceFault(bar);
    if (reason !== null) return this.#fault({ line, reason });
    for (const split of this.dialect.options.splits ?? []) bar = splitAdjusted(bar, split);
    return bar;
  }

  #session({ line, time }: WrittenRow): readonly [number, number] | null {
    const date = sessionDate(time);
    const session = sessionOn(date);
    if (session !== null) return [session.openMs, session.closeMs];
    return this.#fault({ line, reason: `${date} is not a trading day` });
  }

  #intraday({ line, time }: WrittenRow, period: IntradayPeriod): readonly [number, number] | null {
    const { label, grid } = this.dialect;
    const ms = instantOf(time, this.dialect.zone);
    if (ms === null)
      return this.#fault({
        line,
        reason: 'this time does not exist or occurs twice in New York, where the clock changes: use times in UTC',
      });
    const rest = ms % MINUTE_MS;
    if (rest !== 0 && !this.dialect.roundUp) return this.#fault({ line, reason: 'is not at a whole minute' });
    const minuteMs = rest === 0 ? ms : ms - rest + MINUTE_MS;
    if (period === '1m') return label === 'end' ? [minuteMs - MINUTE_MS, minuteMs] : [minuteMs, minuteMs + MINUTE_MS];
    const span = label === 'end' ? spanUpTo(minuteMs, period, grid) : spanFrom(minuteMs, period, grid);
    return span ?? this.#fault({ line, reason: `is not the ${label} of one of the ${PERIOD_WORDS[period]}` });
  }

  #prices({ line, figures, adjustedClose }: WrittenRow): Pick<Bar, (typeof FIGURES)[number]> | null {
    const { mark, decimals } = this.dialect;
    const scale = this.#rows?.layout.tenThousandths ? 10_000n : 1n;
    const units: bigint[] = [];
    for (const [place, text] of figures.entries()) {
      const figure = readFigure(text, mark);
      if (figure === null) return this.#fault({ line, reason: `${FIGURES[place]} "${text}" is not a decimal number` });
      const value = toUnits(figure, place < 4 ? decimals : STORED_DECIMALS);
      units.push(place < 4 && scale > 1n ? value / scale : value);
    }
    const [open = 0n, high = 0n, low = 0n, close = 0n, volume = 0n] = units;
    if (adjustedClose === null || close === 0n) return { open, high, low, close, volume };
    const figure = readFigure(adjustedClose, mark);
    if (figure === null)
      return this.#fault({ line, reason: `adjusted close "${adjustedClose}" is not a decimal number` });
    const adjusted = toUnits(figure, STORED_DECIMALS);
    const scaled = (price: bigint) => (price * adjusted) / close;
    return { open: scaled(open), high: scaled(high), low: scaled(low), close: adjusted, volume };
  }

  /** Judges a bar by the ones before it. */
  #follow(row: NumberedBar): NumberedBar {
    const { symbol, endMs } = row.bar;
    let course = this.#courses.get(symbol);
    if (course === undefined) {
      const newestFirst = this.dialect.symbols.get(symbol)?.newestFirst ?? false;
      course = { newestFirst, last: null, remembered: new Map(), jumps: [] };
      this.#courses.set(symbol, course);
    }
    const { last, newestFirst, remembered } = course;
    const twin = remembered.get(endMs);
    if (twin === undefined) this.#remember(remembered, row);
    else this.#repeated(twin, row);
    if (last !== null && twin === undefined) {
      const [older, newer] = newestFirst ? [row, last] : [last, row];
      if (newer.bar.endMs <= older.bar.endMs)
        this.#fault({
          line: row.line,
          reason: `out of order: the bar that ends ${new Date(newer.bar.endMs).toISOString()} comes after a later one`,
        });
      else if (this.dialect.options.adjusted !== true) this.#look(course, older.bar, newer.bar);
    }
    course.last = row;
    return row;
  }

  #repeated(twin: NumberedBar, row: NumberedBar): void {
    const other = sameFigures(twin.bar, row.bar) ? '' : ' with other figures';
    const at = new Date(row.bar.endMs).toISOString();
    this.#fault({
      line: row.line,
      reason: `repeated: the bar that ends ${at} is in line ${twin.line} already${other}`,
    });
  }

  #remember(remembered: Map<number, NumberedBar>, row: NumberedBar): void {
    if (this.#rememberedBars >= REMEMBERED_BARS) {
      for (const course of this.#courses.values()) {
        course.remembered.clear();
        if (course.last !== null) course.remembered.set(course.last.bar.endMs, course.last);
      }
      this.#rememberedBars = this.#courses.size;
    }
    this.#rememberedBars += 1;
    remembered.set(row.bar.endMs, row);
  }

  #look(course: Course, older: Bar, newer: Bar): void {
    const jump = jumpBetween(older.close, newer.open);
    if (jump === null) return;
    this.#jumps += 1;
    if (this.#jumps > NAMED_JUMPS) return;
    const date = newYorkDate(newer.startMs);
    const split =
      jump.split === null
        ? ''
        : `, as after a split of ${jump.split}: --split ${date}:${jump.split} adjusts the bars before it`;
    course.jumps.push(
      `${newer.symbol} ${date}: opens at ${formatUnits(newer.open)} after a close of ${formatUnits(older.close)}${split}; --adjusted states that the prices are right`,
    );
  }
}
