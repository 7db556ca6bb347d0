import { groupDigits, NONE } from '@/components/format/number';
import { formatMoney, parseMoney } from '@/server/kernel/money';

type Figures = Readonly<Record<string, unknown>>;

/** A figure on both sides. */
export interface SideRow {
  readonly name: string;
  readonly ours: string;
  readonly theirs: string;
  /** Both sides have it, and it is not the same. */
  readonly differs: boolean;
  /** Ours less theirs, where both are figures; null otherwise. */
  readonly difference: string | null;
}

const FIGURE = /^-?\d+(\.\d+)?$/;

function textOf(value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Exact, thousands apart, without zeros that say nothing. */
export function exactFigure(text: string): string {
  if (!FIGURE.test(text)) return text;
  const trimmed = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  return groupDigits(trimmed === '-0' ? '0' : trimmed).replace('-', '−');
}

function differenceOf(ours: string, theirs: string): string | null {
  return FIGURE.test(ours) && FIGURE.test(theirs) ? formatMoney(parseMoney(ours) - parseMoney(theirs)) : null;
}

/** Exact difference with its sign; a dash where there is none to give. */
export function signedFigure(text: string | null): string {
  if (text === null) return NONE;
  const shown = exactFigure(text);
  return shown.startsWith('−') || shown === '0' ? shown : `+${shown}`;
}

/** What both sides say, name by name. */
export function prepareSides(ours: Figures, theirs: Figures): readonly SideRow[] {
  // What the worker writes as the difference is given again, from both figures.
  const names = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].filter((name) => name !== 'difference');
  return names.map((name) => {
    const [left, right] = [textOf(ours[name]), textOf(theirs[name])];
    const difference = left === null || right === null ? null : differenceOf(left, right);
    const same = difference === null ? left === right : /^-?0(\.0+)?$/.test(difference);
    return {
      name: name.replaceAll('_', ' '),
      ours: left === null ? NONE : exactFigure(left),
      theirs: right === null ? NONE : exactFigure(right),
      differs: left !== null && right !== null && !same,
      difference,
    };
  });
}
