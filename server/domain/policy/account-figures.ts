import { type SnakeCase, snakeCase } from '@/server/contracts/snake-case';
import { formatMoney, formatUnits, type Money, parseMoney, parseUnits, type Units } from '@/server/kernel/money';

interface Figure {
  readonly kind: 'money' | 'units' | 'count';
  /** Null when it could not be read or worked out: rules treat that as a hit. */
  readonly nullable?: true;
  /** The rule set that brought it: records stored before lack it. */
  readonly since?: number;
}
type FigureTable = Readonly<Record<string, Figure>>;

type Value<F extends Figure> =
  | (F['kind'] extends 'count' ? number : F['kind'] extends 'money' ? Money : Units)
  | (F extends { readonly nullable: true } ? null : never);
export type Figures<Table extends FigureTable> = { readonly [Name in keyof Table]: Value<Table[Name]> };

/** Figures as JSON, under snake case keys: decimals as exact text, counts as numbers. */
export type FiguresRecord<Table extends FigureTable> = {
  readonly [Name in keyof Table & string as SnakeCase<Name>]:
    | (Table[Name]['kind'] extends 'count' ? number : string)
    | (Table[Name] extends { readonly nullable: true } ? null : never);
};

/**
 * Figures of the account that the gate takes as the database states them: `gate_read` returns them under `figures`. One that is
 * added here reaches the rules, the stored evaluation and its repetition without further code.
 */
export const READ_FIGURES = {
  equity: { kind: 'money', nullable: true },
  /** Equity at the previous session's close. */
  previousCloseEquity: { kind: 'money', nullable: true },
  /** Requests to the broker in the last minute, and orders about to be sent. */
  requestsUsed: { kind: 'count', nullable: true, since: 4 },
  /** Requests a minute that the broker allows; 0 is no limit, null: no worker says. */
  requestsAllowed: { kind: 'count', nullable: true, since: 4 },
} as const satisfies FigureTable;

/** Figures that are worked out from positions, working orders and the placements of the same batch. */
export const SUMMED_FIGURES = {
  /** What may be spent before working buys are set aside. */
  buyingPower: { kind: 'money', nullable: true },
  /** Sum of the positions' absolute market values. */
  grossPositionValue: { kind: 'money' },
  /** What working BUY orders may still cost. */
  workingBuyNotional: { kind: 'money' },
  /** Held of the order's symbol; negative is short. */
  heldQty: { kind: 'units' },
  /** Unfilled quantity of working SELL orders of the order's symbol. */
  workingSellQty: { kind: 'units' },
  portfolioAgeSeconds: { kind: 'units', nullable: true },
  /** Age of the last clean reconciliation. */
  reconciliationAgeSeconds: { kind: 'units', nullable: true },
  /** Absolute market value of what is held of the order's symbol. */
  heldValue: { kind: 'money', since: 2 },
  /** What working BUY orders of the symbol may still cost. */
  symbolBuyNotional: { kind: 'money', since: 2 },
  /** Working orders that open risk, of all symbols. */
  openingOrderCount: { kind: 'count', since: 2 },
  /** Value opened since the last close: fills, and what working opening orders may still add. Null: not counted. */
  openedNotional: { kind: 'money', nullable: true, since: 2 },
  /** Of the order's symbol, what fills of the signal's strategy sum to, less its working sales. */
  strategyQty: { kind: 'units', since: 4 },
  /** Of the order's symbol, held shares that working protective stops would sell. */
  protectedQty: { kind: 'units', since: 5 },
} as const satisfies FigureTable;

function write({ kind }: Figure, value: bigint | number | null): string | number | null {
  if (value === null || typeof value === 'number') return value;
  return kind === 'money' ? formatMoney(value) : formatUnits(value);
}

function read({ kind, nullable, since }: Figure, value: unknown): bigint | number | null {
  if (nullable === true && (value === null || value === undefined)) return null;
  // The rules of the records that lack the figure do not look at it.
  if (value === undefined && since !== undefined) return kind === 'count' ? 0 : 0n;
  if (kind === 'count') return Number(value);
  return kind === 'money' ? parseMoney(String(value)) : parseUnits(String(value));
}

/** The figures of a table, as they are stored. */
export function figuresRecord<Table extends FigureTable>(table: Table, figures: Figures<Table>): FiguresRecord<Table> {
  const values: Readonly<Record<string, bigint | number | null>> = figures;
  return Object.fromEntries(
    Object.entries(table).map(([name, figure]) => [snakeCase(name), write(figure, values[name] ?? null)]),
  ) as FiguresRecord<Table>;
}

/** The inverse of {@link figuresRecord}. @throws DecimalError on what is not a decimal */
export function readFigures<Table extends FigureTable>(
  table: Table,
  record: Readonly<Record<string, unknown>>,
): Figures<Table> {
  return Object.fromEntries(
    Object.entries(table).map(([name, figure]) => [name, read(figure, record[snakeCase(name)])]),
  ) as Figures<Table>;
}
