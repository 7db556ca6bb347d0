import { expect, test } from 'vitest';
import type { OrderEffect } from '@/server/domain/order/types';
import { flatPosition } from '@/server/domain/position/position';
import { parseMoney, parseUnits } from '@/server/kernel/money';
import { amendsPosition, bookTrades, changesPosition } from './trades';

const order = { id: 'o1', symbol: 'SPY', side: 'BUY' } as const;
const booked = (executionId: string, qty: string): OrderEffect => ({
  kind: 'fill_booked',
  executionId,
  qty: parseUnits(qty),
  price: parseUnits('100'),
  atMs: 0,
});
const busted: OrderEffect = { kind: 'fill_busted', executionId: 'e1', qty: parseUnits('4'), price: parseUnits('100') };

test('each fill is an entry of its own, in order', () => {
  const { position, entries } = bookTrades(order, flatPosition('SPY'), [booked('e1', '4'), booked('e2', '6')], null);
  expect(position).toMatchObject({ qty: parseUnits('10'), cost: parseMoney('1000') });
  expect(entries.map(({ ref }) => ref)).toEqual(['fill:o1:e1', 'fill:o1:e2']);
});

test('an amendment books the difference to the history as it now stands', () => {
  const held = { ...flatPosition('SPY'), qty: parseUnits('4'), cost: parseMoney('400') };
  const { position, entries } = bookTrades(order, held, [busted], []);
  expect(position).toMatchObject({ qty: 0n, cost: 0n });
  expect(entries.map(({ ref, kind }) => `${kind} ${ref}`)).toEqual(['AMENDMENT bust:o1:e1']);
});

test('a duplicate or a change of status moves nothing', () => {
  const effects: OrderEffect[] = [
    { kind: 'fill_duplicate', executionId: 'e1' },
    { kind: 'status_changed', from: 'NEW', to: 'ACCEPTED' },
  ];
  expect([changesPosition(effects), amendsPosition(effects)]).toEqual([false, false]);
  expect([changesPosition([busted]), amendsPosition([busted])]).toEqual([true, true]);
});
