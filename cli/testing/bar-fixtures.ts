/** A file of bars and what `countersign import bars` must make of it. */
export interface BarFixture {
  readonly name: string;
  /** Name of the file; formats such as LEAN's read the date from it. */
  readonly file: string;
  /** The file's content, or how it is produced. */
  readonly content: string | (() => Uint8Array);
  /** Options of the command, separated by spaces. */
  readonly options: string;
  readonly expected: Accepted | Refused;
}

export interface Accepted {
  /** Everything that the command says it understood, in order. */
  readonly understood: readonly string[];
  /** What the warnings contain, one entry for each. */
  readonly warnings?: readonly string[];
  /** Every stored bar, `SYMBOL PERIOD start/end open high low close volume`, times in UTC. */
  readonly stored: readonly string[];
}

export interface Refused {
  /** Every fault, in order: `line N: reason`, or the reason alone when it concerns the whole file. */
  readonly refused: readonly string[];
}

export const accepted = (
  name: string,
  file: string,
  options: string,
  content: BarFixture['content'],
  understood: readonly string[],
  stored: readonly string[],
  warnings: readonly string[] = [],
): BarFixture => ({ name, file, options, content, expected: { understood, stored, warnings } });

export const refused = (
  name: string,
  file: string,
  options: string,
  content: BarFixture['content'],
  faults: readonly string[],
): BarFixture => ({ name, file, options, content, expected: { refused: faults } });

export const lines = (...each: readonly string[]): string => `${each.join('\n')}\n`;

export const COMMAS = 'fields separated by commas';
export const SEMICOLONS = 'fields separated by semicolons';
export const DAYS = 'period: days';
export const STARTS = 'period: minutes, labelled with their start';
export const ENDS = 'period: minutes, labelled with their end';
export const NEW_YORK = 'times are New York';
