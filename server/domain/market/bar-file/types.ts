import type { Bar } from '@/server/domain/exchange/types';
import type { IntradayPeriod, Period } from '@/server/domain/market/period';

/** What is at fault with a line of a bar file. Lines count from 1; line 0 is the file as a whole. */
export interface LineFault {
  readonly line: number;
  readonly reason: string;
}

/** A file of bars that cannot be taken as it is; names every faulty line. */
export class BarFileError extends Error {
  override readonly name = 'BarFileError';
  readonly faults: readonly LineFault[];

  /** @param faults at least one */
  constructor(faults: readonly LineFault[]) {
    super(faults.map(({ line, reason }) => (line === 0 ? reason : `line ${line}: ${reason}`)).join('; '));
    this.faults = faults;
  }

  static at(line: number, reason: string): BarFileError {
    return new BarFileError([{ line, reason }]);
  }

  /** The first fault. */
  get line(): number {
    return this.faults[0]?.line ?? 0;
  }

  get reason(): string {
    return this.faults[0]?.reason ?? '';
  }
}

/** The bars of one symbol in a file. */
export interface BarFile {
  readonly symbol: string;
  readonly period: Period;
  /** Oldest first. */
  readonly bars: readonly Bar[];
  /** Line of each bar. */
  readonly lines: readonly number[];
}

/** What a person states about a file; anything left out must follow from the file or its format. */
export interface ReadOptions {
  /** Symbol of the bars. May be left out when the file has a column of symbols; a file of other symbols is then refused. */
  readonly symbol?: string;
  /** Whether a row is labelled with the bar's start or its end. Nothing is guessed: a minute off is a look into the future. */
  readonly label?: 'start' | 'end';
  /** Zone of times that do not name one. */
  readonly zone?: 'utc' | 'new-york';
  /** Order of dates such as 03/07/2001. */
  readonly dateOrder?: 'mdy' | 'dmy';
  /** Which mark separates the decimals, where the file can be read both ways. */
  readonly decimal?: 'point' | 'comma';
  /** States that times more than a minute apart are minutes with gaps. */
  readonly sparse?: true;
  /** Length of the bars, where their distances do not settle it. */
  readonly period?: IntradayPeriod;
  /** Prices are rounded to so many decimals. */
  readonly decimals?: number;
  /** Leaves out rows without any figure (`null`, empty). */
  readonly skipEmpty?: boolean;
  /** Prices are adjusted for splits: a jump is no reason for a warning. */
  readonly adjusted?: boolean;
  /** Prices are scaled so that closes are those of the column of adjusted closes. */
  readonly useAdjusted?: boolean;
  /** Splits to adjust earlier bars for: the first session at the new price, and new shares for an old one. */
  readonly splits?: readonly { readonly date: string; readonly ratio: number }[];
  /** Name of the file; formats that keep the date in it read it from there. */
  readonly fileName?: string;
}

/** A whole file as it was understood. */
export interface ReadBars {
  readonly files: readonly BarFile[];
  /** How the file was read, in plain words. */
  readonly understood: readonly string[];
  /** What a person should look at before relying on the bars. */
  readonly warnings: readonly string[];
}
