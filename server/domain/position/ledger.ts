import { applyTrade, flatPosition, type Position, type Trade } from '@/server/domain/position/position';
import type { Money, Units } from '@/server/kernel/money';

/**
 * Double entry. Invariants: the postings of an entry sum to zero, and so do the balances of the ledger;
 * a position's quantity is the sum of its openings and fills.
 * Debits are positive: cash in hand, cost of holdings and fees paid are debits, profit and capital credits.
 */
export type AccountName =
  /** Cash in hand. */
  | 'CASH'
  /** Cost of what is held of a symbol. */
  | 'POSITION'
  | 'FEES'
  /** Trading profit of closed shares, fees apart; a credit when positive. */
  | 'REALISED_PNL'
  /** What was there when the account was first opened, and what was brought in or taken out since. */
  | 'CAPITAL'
  /** Dividends and interest; a credit when received. */
  | 'INCOME'
  /** What nothing else explains: types nobody has taught us, and figures that a person took over from the broker. */
  | 'ADJUSTMENTS';

export interface Posting {
  readonly account: AccountName;
  /** Set for POSITION and REALISED_PNL. */
  readonly symbol: string | null;
  readonly amount: Money;
  /** Shares that move with a POSITION posting; 0 elsewhere. */
  readonly qty: Units;
}

export type EntryKind =
  | 'OPENING'
  | 'FILL'
  /** A bust or a correction of a fill. */
  | 'AMENDMENT'
  | 'FEE'
  | 'DIVIDEND'
  | 'INTEREST'
  /** Cash or shares brought in or taken out. */
  | 'TRANSFER'
  /** Shares that changed in number or name, at the same cost. */
  | 'SPLIT'
  | 'ADJUSTMENT';

export interface Entry {
  readonly kind: EntryKind;
  /** What caused it: an execution id, an activity id, a person's reason. */
  readonly ref: string;
  readonly postings: readonly Posting[];
}

export interface Ledger {
  readonly cash: Money;
  readonly fees: Money;
  readonly capital: Money;
  readonly income: Money;
  readonly adjustments: Money;
  /** Symbols ever held. */
  readonly positions: ReadonlyMap<string, Position>;
}

/** Thrown for an entry that does not balance: a defect, never input. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError';
}

export const EMPTY_LEDGER: Ledger = {
  cash: 0n,
  fees: 0n,
  capital: 0n,
  income: 0n,
  adjustments: 0n,
  positions: new Map(),
};

/** A line of an entry; debits are positive. */
export function posting(account: AccountName, amount: Money, symbol: string | null = null, qty: Units = 0n): Posting {
  return { account, symbol, amount, qty };
}

export function positionOf(ledger: Ledger, symbol: string): Position {
  return ledger.positions.get(symbol) ?? flatPosition(symbol);
}

/** Opening balances: cash, and holdings at what they cost. */
export function initialBalancesEntry(
  cash: Money,
  holdings: readonly { symbol: string; qty: Units; cost: Money }[],
  ref = 'opening',
): Entry {
  const held = holdings.map(({ symbol, qty, cost }) => posting('POSITION', cost, symbol, qty));
  const total = held.reduce((sum, each) => sum + each.amount, cash);
  return { kind: 'OPENING', ref, postings: [posting('CASH', cash), ...held, posting('CAPITAL', -total)] };
}

/** What turned one position of a symbol into another, by trading alone; the cash is the other side of cost and profit. */
export function changeEntry(kind: 'FILL' | 'AMENDMENT', ref: string, before: Position, after: Position): Entry {
  const cost = after.cost - before.cost;
  const profit = after.realised - before.realised;
  return {
    kind,
    ref,
    postings: [
      posting('CASH', profit - cost),
      posting('POSITION', cost, before.symbol, after.qty - before.qty),
      posting('REALISED_PNL', -profit, before.symbol),
    ],
  };
}

/** A fill. */
export function fillEntry(ledger: Ledger, symbol: string, trade: Trade, ref: string): Entry {
  const before = positionOf(ledger, symbol);
  return changeEntry('FILL', ref, before, applyTrade(before, trade));
}

/**
 * A bust or correction: the symbol's history is folded again as it now stands, and the difference is booked.
 * @param opening what was held before the first trade
 * @param trades every trade of the symbol that still counts, in the order booked
 */
export function amendmentEntry(ledger: Ledger, opening: Position, trades: readonly Trade[], ref: string): Entry {
  return changeEntry('AMENDMENT', ref, positionOf(ledger, opening.symbol), trades.reduce(applyTrade, opening));
}

/** A fee paid, or given back when negative. */
export function feeEntry(amount: Money, ref: string): Entry {
  return { kind: 'FEE', ref, postings: [posting('FEES', amount), posting('CASH', -amount)] };
}

/** Cash in or out for another reason than trading. */
export function cashAdjustmentEntry(amount: Money, ref: string): Entry {
  return { kind: 'ADJUSTMENT', ref, postings: [posting('CASH', amount), posting('ADJUSTMENTS', -amount)] };
}

/** The ledger with an entry booked. @throws LedgerError when the entry does not sum to zero */
export function book(ledger: Ledger, entry: Entry): Ledger {
  const sum = entry.postings.reduce((total, each) => total + each.amount, 0n);
  if (sum !== 0n) throw new LedgerError(`entry ${entry.ref} is out of balance by ${sum}`);
  const next = { ...ledger };
  let positions: Map<string, Position> | null = null;
  for (const { account, symbol, amount, qty } of entry.postings) {
    if (account === 'CASH') next.cash += amount;
    else if (account === 'FEES') next.fees += amount;
    else if (account === 'CAPITAL') next.capital -= amount;
    else if (account === 'INCOME') next.income -= amount;
    else if (account === 'ADJUSTMENTS') next.adjustments -= amount;
    else {
      if (symbol === null) throw new LedgerError(`entry ${entry.ref} has a ${account} posting without a symbol`);
      positions ??= new Map(ledger.positions);
      const held = positions.get(symbol) ?? flatPosition(symbol);
      positions.set(
        symbol,
        account === 'POSITION'
          ? { ...held, qty: held.qty + qty, cost: held.cost + amount }
          : { ...held, realised: held.realised - amount },
      );
    }
  }
  return { ...next, positions: positions ?? ledger.positions };
}

/** Debits less credits over all accounts: 0 in any ledger that was only ever booked to. */
export function imbalance(ledger: Ledger): Money {
  let sum = ledger.cash + ledger.fees - ledger.capital - ledger.income - ledger.adjustments;
  for (const { cost, realised } of ledger.positions.values()) sum += cost - realised;
  return sum;
}

/** Trading profit realised over all symbols, fees apart. */
export function realisedPnl(ledger: Ledger): Money {
  let sum = 0n;
  for (const { realised } of ledger.positions.values()) sum += realised;
  return sum;
}

/** Value of what is held, shorts negative. A holding without a mark counts at cost. */
export function holdingsValue(ledger: Ledger, markOf: (symbol: string) => Units | null): Money {
  let sum = 0n;
  for (const { symbol, qty, cost } of ledger.positions.values()) {
    if (qty === 0n) continue;
    const mark = markOf(symbol);
    sum += mark === null ? cost : qty * mark;
  }
  return sum;
}

/** Cash plus what is held at its marks. */
export function equity(ledger: Ledger, markOf: (symbol: string) => Units | null): Money {
  return ledger.cash + holdingsValue(ledger, markOf);
}

/** Sum of the sizes of all holdings at their marks, long and short alike. */
export function grossExposure(ledger: Ledger, markOf: (symbol: string) => Units | null): Money {
  let sum = 0n;
  for (const { symbol, qty, cost } of ledger.positions.values()) {
    if (qty === 0n) continue;
    const mark = markOf(symbol);
    const value = mark === null ? cost : qty * mark;
    sum += value < 0n ? -value : value;
  }
  return sum;
}
