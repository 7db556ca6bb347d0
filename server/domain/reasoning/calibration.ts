import { type Money, ONE, type Units } from '@/server/kernel/money';
import type { Side } from '@/server/kernel/vocabulary';

/** A fill, with busts and corrections applied. */
export interface TradedFill {
  /** The signal of its order; null without one. */
  readonly signalId: string | null;
  readonly symbol: string;
  readonly side: Side;
  readonly qty: Units;
  readonly price: Units;
  readonly atMs: number;
}

/** Result of the shares that a signal bought and that were sold again, before fees. */
export interface SignalOutcome {
  readonly signalId: string;
  readonly symbol: string;
  readonly soldQty: Units;
  readonly closed: boolean;
  readonly openedMs: number;
  readonly closedMs: number;
  /** Cost of the sold shares. */
  readonly cost: Money;
  readonly pnl: Money;
}

interface Lot {
  readonly signalId: string | null;
  readonly price: Units;
  left: Units;
}

interface Tally {
  readonly symbol: string;
  readonly openedMs: number;
  closedMs: number;
  openQty: Units;
  soldQty: Units;
  cost: Money;
  pnl: Money;
}

/**
 * Outcomes by buying signal, first in, first out within a symbol. Sales of shares that were held before the first fill are
 * ignored.
 * @param fills in chronological order
 */
export function outcomesBySignal(fills: readonly TradedFill[]): SignalOutcome[] {
  const lots = new Map<string, Lot[]>();
  const tallies = new Map<string, Tally>();
  for (const { signalId, symbol, side, qty, price, atMs } of fills) {
    const queue = lots.get(symbol) ?? [];
    lots.set(symbol, queue);
    if (side === 'BUY') {
      queue.push({ signalId, price, left: qty });
      if (signalId !== null) tallyOf(tallies, signalId, symbol, atMs).openQty += qty;
    } else sell(queue, tallies, { qty, price, atMs });
  }
  return [...tallies]
    .filter(([, { soldQty }]) => soldQty > 0n)
    .map(([signalId, { openQty, ...tally }]) => ({ signalId, ...tally, closed: openQty === 0n }));
}

function tallyOf(tallies: Map<string, Tally>, signalId: string, symbol: string, atMs: number): Tally {
  const known = tallies.get(signalId);
  if (known !== undefined) return known;
  const fresh = { symbol, openedMs: atMs, closedMs: atMs, openQty: 0n, soldQty: 0n, cost: 0n, pnl: 0n };
  tallies.set(signalId, fresh);
  return fresh;
}

function sell(queue: Lot[], tallies: Map<string, Tally>, sale: { qty: Units; price: Units; atMs: number }): void {
  let rest = sale.qty;
  while (rest > 0n && queue[0] !== undefined) {
    const lot = queue[0];
    const qty = lot.left < rest ? lot.left : rest;
    lot.left -= qty;
    rest -= qty;
    if (lot.left === 0n) queue.shift();
    const tally = lot.signalId === null ? undefined : tallies.get(lot.signalId);
    if (tally === undefined) continue;
    tally.openQty -= qty;
    tally.soldQty += qty;
    tally.cost += qty * lot.price;
    tally.pnl += qty * (sale.price - lot.price);
    tally.closedMs = sale.atMs;
  }
}

/** P&L divided by cost, truncated to 12 decimals; 0 if the cost is zero. */
export const returnOf = ({ pnl, cost }: Pick<SignalOutcome, 'pnl' | 'cost'>): Units =>
  cost === 0n ? 0n : (pnl * ONE) / cost;
