import type { OrderEffect, OrderState } from '@/server/domain/order/types';
import { amendmentEntries, type Movement } from '@/server/domain/position/history';
import { book, EMPTY_LEDGER, type Entry, fillEntry, positionOf } from '@/server/domain/position/ledger';
import type { Position } from '@/server/domain/position/position';

export interface PositionChange {
  readonly position: Position;
  readonly entries: readonly Entry[];
}

export const changesPosition = (effects: readonly OrderEffect[]): boolean =>
  effects.some(({ kind }) => kind === 'fill_booked' || kind === 'fill_busted' || kind === 'fill_corrected');

export const amendsPosition = (effects: readonly OrderEffect[]): boolean =>
  effects.some(({ kind }) => kind === 'fill_busted' || kind === 'fill_corrected');

/** The ledger entries of what a booking did, and the position after them. References are unique for ever. */
export function bookTrades(
  order: Pick<OrderState, 'id' | 'symbol' | 'side'>,
  held: Position,
  effects: readonly OrderEffect[],
  history: readonly Movement[] | null,
): PositionChange {
  let ledger = { ...EMPTY_LEDGER, positions: new Map([[order.symbol, held]]) as ReadonlyMap<string, Position> };
  const entries: Entry[] = [];
  const add = (entry: Entry) => {
    ledger = book(ledger, entry);
    entries.push(entry);
  };
  for (const effect of effects) {
    if (effect.kind !== 'fill_booked') continue;
    const trade = { side: order.side, qty: effect.qty, price: effect.price };
    add(fillEntry(ledger, order.symbol, trade, `fill:${order.id}:${effect.executionId}`));
  }
  const amendments = effects.filter(({ kind }) => kind === 'fill_busted' || kind === 'fill_corrected');
  const last = amendments.at(-1);
  if (last !== undefined && history !== null && (last.kind === 'fill_busted' || last.kind === 'fill_corrected')) {
    // The history is as it stands after all of them: one entry carries the difference.
    const word = last.kind === 'fill_busted' ? 'bust' : 'correct';
    amendmentEntries(ledger, order.symbol, history, `${word}:${order.id}:${last.executionId}`).forEach(add);
  }
  return { position: positionOf(ledger, order.symbol), entries };
}
