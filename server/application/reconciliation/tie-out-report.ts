import { formatMoney, formatUnits, type Money, type Units } from '@/server/kernel/money';
import { cashTolerance } from './cash-tolerance';
import { cashGap } from './compare-portfolio';

export interface TiedOrder {
  readonly externalOrderId: string;
  readonly symbol: string;
  readonly qty: Units;
  readonly filledQty: Units;
}

export interface TiedFill {
  /** The part after `::`, as on the stream. */
  readonly executionId: string;
  readonly externalOrderId: string;
  readonly symbol: string;
  /** Signed: bought is positive. */
  readonly qty: Units;
  readonly price: Units;
}

/** One side of the account at one moment. */
export interface TiedSide {
  readonly cash: Money;
  /** Fees of the day, paid is positive. */
  readonly fees: Money;
  /** Signed quantities; what is not held is left out. */
  readonly positions: ReadonlyMap<string, Units>;
  readonly openOrders: readonly TiedOrder[];
  readonly fills: readonly TiedFill[];
}

export interface OurTiedSide extends TiedSide {
  /** Executions that count no more; the broker's statement may still show them. */
  readonly busted: ReadonlySet<string>;
  readonly breaks: readonly {
    readonly id: string;
    readonly symbol: string;
    readonly cause: string;
    readonly openedAt: string;
  }[];
  /** Booked since the last clean tie-out. */
  readonly fillsSinceTieOut: number;
}

interface Compared {
  readonly ours: string;
  readonly theirs: string;
  /** Ours less theirs. */
  readonly difference: string;
}

/** What is stored: decimals as text, in the words of the API. */
export interface TieOutReport {
  readonly cash: Compared;
  /** Cash that differs by at most this agrees (P-16). */
  readonly cash_tolerance: string;
  readonly fees: Compared;
  readonly positions: readonly (Compared & { readonly symbol: string })[];
  readonly orders: Compared;
  readonly order_differences: readonly {
    readonly external_order_id: string;
    readonly symbol: string;
    readonly ours: string;
    readonly theirs: string;
  }[];
  readonly fills: Compared;
  readonly fill_differences: readonly {
    readonly execution_id: string;
    readonly symbol: string;
    readonly ours: string;
    readonly theirs: string;
  }[];
  readonly breaks: readonly {
    readonly id: string;
    readonly symbol: string;
    readonly cause: string;
    readonly opened_at: string;
  }[];
  /** How many figures differ, open breaks among them: 0 is clean. */
  readonly differences: number;
}

const NONE = '—';
/** Beyond this many lines of a kind the report only counts. */
const MAX_LINES = 200;

const money = (ours: Money, theirs: Money): Compared => ({
  ours: formatMoney(ours),
  theirs: formatMoney(theirs),
  difference: formatMoney(ours - theirs),
});
const counts = (ours: number, theirs: number): Compared => ({
  ours: String(ours),
  theirs: String(theirs),
  difference: String(ours - theirs),
});

function comparedPositions(ours: TiedSide, theirs: TiedSide): TieOutReport['positions'] {
  const symbols = [...new Set([...ours.positions.keys(), ...theirs.positions.keys()])].sort();
  return symbols.map((symbol) => {
    const [here, there] = [ours.positions.get(symbol) ?? 0n, theirs.positions.get(symbol) ?? 0n];
    return { symbol, ours: formatUnits(here), theirs: formatUnits(there), difference: formatUnits(here - there) };
  });
}

const orderText = (order: TiedOrder | undefined): string =>
  order === undefined ? NONE : `${formatUnits(order.filledQty)} of ${formatUnits(order.qty)}`;

function orderDifferences(ours: TiedSide, theirs: TiedSide): TieOutReport['order_differences'] {
  const here = new Map(ours.openOrders.map((order) => [order.externalOrderId, order]));
  const there = new Map(theirs.openOrders.map((order) => [order.externalOrderId, order]));
  return [...new Set([...here.keys(), ...there.keys()])].sort().flatMap((id) => {
    const [our, their] = [here.get(id), there.get(id)];
    if (orderText(our) === orderText(their)) return [];
    const symbol = our?.symbol ?? their?.symbol ?? '';
    return [{ external_order_id: id, symbol, ours: orderText(our), theirs: orderText(their) }];
  });
}

const fillText = (fill: TiedFill | undefined): string =>
  fill === undefined ? NONE : `${formatUnits(fill.qty)} at ${formatUnits(fill.price)}`;

const filledBy = (fills: readonly TiedFill[]): Map<string, { symbol: string; qty: Units; amount: Money }> => {
  const found = new Map<string, { symbol: string; qty: Units; amount: Money }>();
  for (const { externalOrderId, symbol, qty, price } of fills) {
    const sum = found.get(externalOrderId) ?? { symbol, qty: 0n, amount: 0n };
    found.set(externalOrderId, { symbol, qty: sum.qty + qty, amount: sum.amount + qty * price });
  }
  return found;
};

/** Fills by execution; those of an order whose sums agree are the same, whatever each side calls them. */
function fillDifferences(ours: OurTiedSide, theirs: TiedSide): TieOutReport['fill_differences'] {
  const counted = theirs.fills.filter(({ executionId }) => !ours.busted.has(executionId));
  const [hereBy, thereBy] = [filledBy(ours.fills), filledBy(counted)];
  const agrees = (order: string) => {
    const [our, their] = [hereBy.get(order), thereBy.get(order)];
    return our !== undefined && their !== undefined && our.qty === their.qty && our.amount === their.amount;
  };
  const open = (fills: readonly TiedFill[]) => fills.filter(({ externalOrderId }) => !agrees(externalOrderId));
  const here = new Map(open(ours.fills).map((fill) => [fill.executionId, fill]));
  const there = new Map(open(counted).map((fill) => [fill.executionId, fill]));
  return [...new Set([...here.keys(), ...there.keys()])].sort().flatMap((id) => {
    const [our, their] = [here.get(id), there.get(id)];
    if (fillText(our) === fillText(their)) return [];
    const symbol = our?.symbol ?? their?.symbol ?? '';
    return [{ execution_id: id, symbol, ours: fillText(our), theirs: fillText(their) }];
  });
}

/**
 * Both sides of the account, figure by figure.
 * @param cashRounding what one amount of the broker's may be off (P-16)
 */
export function compareSides(ours: OurTiedSide, theirs: TiedSide, cashRounding: Money): TieOutReport {
  const positions = comparedPositions(ours, theirs);
  const orders = orderDifferences(ours, theirs);
  const fills = fillDifferences(ours, theirs);
  const tolerance = cashTolerance(cashRounding, ours.fillsSinceTieOut);
  const cashDiffers = cashGap(ours.cash - theirs.cash, tolerance) !== 0n;
  const differences =
    Number(cashDiffers) +
    Number(ours.fees !== theirs.fees) +
    positions.filter(({ difference }) => difference !== '0').length +
    orders.length +
    fills.length +
    ours.breaks.length;
  const counted = theirs.fills.filter(({ executionId }) => !ours.busted.has(executionId));
  return {
    cash: money(ours.cash, theirs.cash),
    cash_tolerance: formatMoney(tolerance),
    fees: money(ours.fees, theirs.fees),
    positions,
    orders: counts(ours.openOrders.length, theirs.openOrders.length),
    order_differences: orders.slice(0, MAX_LINES),
    fills: counts(ours.fills.length, counted.length),
    fill_differences: fills.slice(0, MAX_LINES),
    breaks: ours.breaks.map(({ id, symbol, cause, openedAt }) => ({ id, symbol, cause, opened_at: openedAt })),
    differences,
  };
}
