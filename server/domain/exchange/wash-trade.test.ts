import { expect, it } from 'vitest';
import { parseUnits } from '@/server/kernel/money';
import type { OrderType, Side } from '@/server/kernel/vocabulary';
import { type WashTrade, washTrade } from './wash-trade';

const order = (side: Side, orderType: OrderType, price: string | null = null) => ({
  side,
  orderType,
  limitPrice: price === null ? null : parseUnits(price),
});

const CASES: readonly (readonly [string, ReturnType<typeof order>, ReturnType<typeof order>, WashTrade])[] = [
  ['a sell beside a sell', order('SELL', 'MARKET'), order('SELL', 'STOP'), null],
  ['a market sell against a resting limit buy', order('SELL', 'MARKET'), order('BUY', 'LIMIT', '90'), 'OPPOSITE_ORDER'],
  ['a stop sell against a resting limit buy', order('SELL', 'STOP'), order('BUY', 'LIMIT', '90'), 'OPPOSITE_ORDER'],
  ['a market buy against a market sell', order('BUY', 'MARKET'), order('SELL', 'MARKET'), 'OPPOSITE_MARKET_OR_STOP'],
  ['a limit buy against a stop', order('BUY', 'LIMIT', '100'), order('SELL', 'STOP'), 'OPPOSITE_MARKET_OR_STOP'],
  ['a limit sell below the buy', order('SELL', 'LIMIT', '99'), order('BUY', 'LIMIT', '100'), 'OPPOSITE_LIMIT_CROSSES'],
  ['a limit sell at the buy', order('SELL', 'LIMIT', '100'), order('BUY', 'LIMIT', '100'), 'OPPOSITE_LIMIT_CROSSES'],
  ['a limit sell above the buy', order('SELL', 'LIMIT', '100.01'), order('BUY', 'LIMIT', '100'), null],
  ['a limit buy at the sell', order('BUY', 'LIMIT', '100'), order('SELL', 'LIMIT', '100'), 'OPPOSITE_LIMIT_CROSSES'],
  ['a stop limit sell above the buy', order('SELL', 'STOP_LIMIT', '101'), order('BUY', 'LIMIT', '100'), null],
  [
    'a stop limit sell that crosses',
    order('SELL', 'STOP_LIMIT', '99'),
    order('BUY', 'LIMIT', '100'),
    'OPPOSITE_LIMIT_CROSSES',
  ],
  ['a market sell against a stop limit', order('SELL', 'MARKET'), order('BUY', 'STOP_LIMIT', '100'), 'OPPOSITE_ORDER'],
  ['a limit buy below the sell', order('BUY', 'LIMIT', '99.99'), order('SELL', 'LIMIT', '100'), null],
];

it.each(CASES)('%s', (_name, placed, working, expected) => {
  expect(washTrade(placed, working)).toBe(expected);
});
