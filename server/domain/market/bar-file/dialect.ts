import {
  type Grid,
  type IntradayPeriod,
  lengthOf,
  PERIOD_WORDS,
  type Period,
  periodOfMinutes,
} from '@/server/domain/market/period';
import type { DecimalMark } from './figures';
import { type BarFormat, LAYOUTS } from './layouts';
import { BarSurvey, type TimeFacts } from './survey';
import type { Table } from './table';
import type { DateOrder, Zone } from './times';
import { BarFileError, type ReadOptions } from './types';

const MINUTE_MS = 60_000;
/** Decimals that the history stores. */
export const STORED_DECIMALS = 8;
/** Decimals that prices keep when the file writes binary fractions, such as 37.029998779296875. */
const PRICE_DECIMALS = 4;

/** How a file is to be read: each question that its notation leaves open is answered. */
export interface Dialect {
  readonly format: BarFormat;
  readonly options: ReadOptions;
  readonly table: Table;
  readonly dateOrder: DateOrder | null;
  readonly zone: Zone;
  readonly period: Period;
  /** Where bars longer than a minute begin. */
  readonly grid: Grid;
  /** What the time of a bar is; null for days. */
  readonly label: 'start' | 'end' | null;
  /** Times are the last instant of a minute and are rounded up to its end. */
  readonly roundUp: boolean;
  readonly mark: DecimalMark;
  /** Decimals that prices keep. */
  readonly decimals: number;
  /** Symbols of the file, as they come, and whether their newest bars come first. */
  readonly symbols: ReadonlyMap<string, { readonly newestFirst: boolean; readonly rows: number }>;
  /** How the file is read, in plain words. */
  readonly understood: readonly string[];
  /** A last line without its end, where the others have theirs; null when all are whole. */
  readonly unfinishedLine: number | null;
}

/** Begins the survey of a file. @param options what a person states about it */
export function surveyBars(format: BarFormat, options: ReadOptions): BarSurvey {
  const { zone, dateOrder } = LAYOUTS[format] as { zone: Zone | null; dateOrder?: DateOrder };
  return new BarSurvey(format, options, {
    zone: options.zone ?? zone,
    dateOrder: options.dateOrder ?? dateOrder ?? null,
  });
}

/** Order of day and month in dates such as 03/07/2001: stated, the format's, or the only one with which all are dates. */
function dateOrderOf({ numericDates, options, known }: BarSurvey, understood: string[]): DateOrder | null {
  const { line, firstOver12, secondOver12 } = numericDates;
  if (line === 0) {
    if (options.dateOrder !== undefined)
      throw BarFileError.at(0, '--date-order does not apply: the dates have one reading');
    return known.dateOrder;
  }
  if (known.dateOrder !== null) return known.dateOrder;
  if (firstOver12 === secondOver12)
    throw BarFileError.at(
      line,
      'has a date whose day and month cannot be distinguished: state --date-order mdy or --date-order dmy',
    );
  understood.push(`dates are ${firstOver12 ? 'day/month/year' : 'month/day/year'}`);
  return firstOver12 ? 'dmy' : 'mdy';
}

function requireSymbols({ table, options }: BarSurvey, { symbols }: TimeFacts): void {
  if (!table.columns.has('symbol') && table.symbol === null) {
    if (options.symbol === undefined) throw BarFileError.at(0, 'the file names no symbol: state --symbol');
    return;
  }
  if (options.symbol === undefined) {
    if (symbols.has('')) throw BarFileError.at(0, 'a row names no symbol: state --symbol');
    return;
  }
  const others = [...symbols].filter(([symbol]) => symbol !== options.symbol);
  if (others.length === 0) return;
  const named = others.map(([symbol, { rows }]) => `${symbol} (${rows} row(s))`).join(', ');
  throw BarFileError.at(0, `the file also holds ${named}: without --symbol each symbol is imported`);
}

function requireDays({ options }: BarSurvey, facts: TimeFacts): void {
  for (const name of ['label', 'zone', 'period'] as const)
    if (options[name] !== undefined) throw BarFileError.at(0, `--${name} does not apply: the file holds days`);
  if (facts.farApart && options.sparse !== true)
    throw BarFileError.at(
      0,
      'the dates are mostly a week or more apart: weeks and months cannot be stored; --sparse states that these are days with gaps',
    );
  if (!facts.farApart && options.sparse === true)
    throw BarFileError.at(0, '--sparse does not apply: the file holds days');
}

function zoneOf({ options, known, format }: BarSurvey, { rows, zoned }: TimeFacts, understood: string[]): Zone {
  if (zoned === rows && options.zone !== undefined && LAYOUTS[format].zone === null)
    throw BarFileError.at(0, '--zone does not apply: the times name their zone');
  if (zoned === rows) return known.zone ?? 'utc';
  if (known.zone === null) throw BarFileError.at(0, 'the times name no zone: state --zone utc or --zone new-york');
  understood.push(`times are ${known.zone === 'utc' ? 'UTC' : 'New York'}`);
  return known.zone;
}

/** Some feeds stamp the last instant of a minute. */
const atLastInstants = ({ wholeMinutes, lastInstants }: TimeFacts) => !wholeMinutes && lastInstants;

function labelOf({ options, format }: BarSurvey, facts: TimeFacts, understood: string[]): 'start' | 'end' {
  const lastInstants = atLastInstants(facts);
  if (lastInstants) {
    understood.push('times at the last instant of a minute: rounded up to its end');
    if (options.label === 'start')
      throw BarFileError.at(0, '--label start does not apply: times at the last instant of a minute are ends');
  }
  const label = lastInstants ? 'end' : (options.label ?? LAYOUTS[format].label);
  if (label === null)
    throw BarFileError.at(0, 'state whether the times are the start or the end of bars: --label start or --label end');
  return label;
}

const SPARSE = '--sparse states that these are minutes with gaps';

/** Hours from the open on end with half an hour: neighbouring times may be that much apart. */
const divides = (lengthMinutes: number, apart: number) =>
  apart % lengthMinutes === 0 || (lengthMinutes === 60 && apart % 30 === 0);

/** What a person states, or what the distances between neighbouring times of a symbol say. */
function periodOf({ options }: BarSurvey, facts: TimeFacts): IntradayPeriod {
  const { sparse, period } = options;
  const apart = facts.apartMs / MINUTE_MS;
  if (sparse === true && period !== undefined && period !== '1m')
    throw BarFileError.at(0, `--sparse does not apply: it states minutes, and --period ${period} longer bars`);
  if (sparse === true) return '1m';
  if (period !== undefined) {
    if (apart > 0 && !divides(lengthOf(period) / MINUTE_MS, apart))
      throw BarFileError.at(0, `--period ${period} does not apply: the times are ${apart} minute(s) apart`);
    return period;
  }
  // Times within minutes are faults of their lines.
  if (!facts.wholeMinutes && !atLastInstants(facts)) return '1m';
  const usual = facts.usualApartMinutes;
  if (usual > 1 && !divides(usual, apart))
    throw BarFileError.at(0, `the times are mostly ${usual} minutes apart, and some are less: ${SPARSE}`);
  const minutes = usual > apart ? usual : apart;
  if (minutes <= 1) return '1m';
  const found = periodOfMinutes(minutes);
  if (found === null)
    throw BarFileError.at(
      0,
      `the times are ${minutes} minutes apart. Bars of 1, 5, 15, 30 and 60 minutes and days can be stored; ${SPARSE}`,
    );
  if (!areEnough(minutes, facts))
    throw BarFileError.at(
      0,
      `the times are ${minutes} minutes apart, which few rows may be by chance: --period ${found} states longer bars; ${SPARSE}`,
    );
  return found;
}

/** Minutes with gaps would all be so far apart in less than one file of a thousand. */
const areEnough = (minutes: number, { distancesSeen, contiguous }: TimeFacts) =>
  (contiguous && distancesSeen >= 2) || minutes ** distancesSeen >= 1_000;

/** Hours begin on the clock, or from the open of each session on; where shorter bars begin is the same. */
function gridOf(period: IntradayPeriod, { onHours, rows }: TimeFacts): Grid {
  return period === '1h' && onHours * 2 < rows ? 'session' : 'clock';
}

const periodText = (period: IntradayPeriod, grid: Grid, label: string) =>
  `period: ${PERIOD_WORDS[period]}${period !== '1h' ? '' : grid === 'clock' ? ' on the clock' : ' from the open on'}, labelled with their ${label}`;

function decimalsOf({ figures, options, format }: BarSurvey, mark: DecimalMark, understood: string[]): number {
  if (mark === 'comma') understood.push('decimal comma');
  const longest = figures.longest[mark];
  const decimals = options.decimals ?? (longest > STORED_DECIMALS ? PRICE_DECIMALS : STORED_DECIMALS);
  if (longest > decimals) understood.push(`prices with up to ${longest} decimals: rounded to ${decimals}`);
  if ((LAYOUTS[format] as { tenThousandths?: boolean }).tenThousandths) understood.push('prices in 1/10,000 dollar');
  return decimals;
}

/**
 * Decides how a file is read from what all of its rows say, its format and the options. Nothing is guessed.
 * @param survey that has seen the whole file
 * @throws BarFileError naming the option that settles what is left open
 */
export function dialectOf(survey: BarSurvey): Dialect {
  const { table, format, options, skipped } = survey;
  const understood = [...table.understood];
  const dateOrder = dateOrderOf(survey, understood);
  const facts = survey.facts(dateOrder);
  if (facts.rows === 0)
    throw new BarFileError(facts.faults.length > 0 ? facts.faults : [{ line: 0, reason: 'the file holds no bars' }]);
  if (skipped > 0) understood.push(`${skipped} row(s) without prices left out`);
  requireSymbols(survey, facts);
  if (options.useAdjusted) {
    if (!table.columns.has('adjusted_close'))
      throw BarFileError.at(0, '--use-adjusted does not apply: the file has no column of adjusted closes');
    understood.push('prices scaled to the adjusted closes');
  }
  let [zone, label]: [Zone, Dialect['label']] = ['utc', null];
  let [period, grid]: [Period, Grid] = ['1d', 'clock'];
  // A person who states minutes with gaps, or a period, knows that these are no days.
  const stated = options.sparse === true || options.period !== undefined;
  const daily = facts.daily || (facts.atOneTime && !stated);
  if (daily) {
    requireDays(survey, facts);
    understood.push(facts.daily ? 'period: days' : 'period: days, all stamped with one time');
  } else {
    if (facts.dateLines.length > 0)
      throw new BarFileError(
        facts.dateLines.map((line) => ({ line, reason: 'has no time of day: dates and times are mixed' })),
      );
    zone = zoneOf(survey, facts, understood);
    const intraday = periodOf(survey, facts);
    label = labelOf(survey, facts, understood);
    grid = gridOf(intraday, facts);
    understood.push(periodText(intraday, grid, label));
    period = intraday;
  }
  const mark = survey.figures.mark(options.decimal);
  const decimals = decimalsOf(survey, mark, understood);
  const symbols = new Map(
    [...facts.symbols].map(([symbol, { firstMs, lastMs, rows }]) => [symbol, { newestFirst: firstMs > lastMs, rows }]),
  );
  for (const { date, ratio } of options.splits ?? [])
    understood.push(`bars before ${date} adjusted for ${ratio} new shares for one`);
  const { unfinishedLine } = survey;
  return {
    format,
    options,
    table,
    dateOrder,
    zone,
    period,
    grid,
    label,
    roundUp: !daily && atLastInstants(facts),
    mark,
    decimals,
    symbols,
    understood,
    unfinishedLine,
  };
}
