import { expect, test } from 'vitest';
import { parseUnits } from '@/server/kernel/money';
import { type ExitPriceInput, exitPrice } from './exit-price';

const at = (price: string) => ({ bid: parseUnits(price), ask: parseUnits(price) });
const LEFT = /left the collar/;

const price = (changes: Partial<ExitPriceInput>) =>
  exitPrice({
    side: 'SELL',
    startPrice: parseUnits('100'),
    quote: at('100'),
    collarPct: parseUnits('0.01'),
    limitedSinceMs: null,
    nowMs: 100_000,
    ...changes,
  });

const limit = (text: string) => ({ orderType: 'LIMIT', limitPrice: parseUnits(text), warning: null });
const MARKET = { orderType: 'MARKET', limitPrice: null, warning: null };

test.each<[string, Partial<ExitPriceInput>, object]>([
  ['the price is where it was', {}, MARKET],
  ['the bid is at the edge of the collar', { quote: at('99') }, MARKET],
  ['the bid is below it: a collar below the present bid', { quote: at('98.99') }, limit('98')],
  ['the bid rose, however far', { quote: at('150') }, MARKET],
  ['a purchase: the ask is at the edge', { side: 'BUY', quote: at('101') }, MARKET],
  ['a purchase: the ask is above it', { side: 'BUY', quote: at('101.01') }, limit('102.03')],
  ['a purchase: the ask fell, however far', { side: 'BUY', quote: at('50') }, MARKET],
  [
    'below one dollar the increment is 0.0001',
    { startPrice: parseUnits('0.9'), quote: at('0.55555') },
    limit('0.5499'),
  ],
  ['limits for less than 5 s', { quote: at('90'), limitedSinceMs: 95_001 }, limit('89.1')],
  ['limits for 5 s', { quote: at('90'), limitedSinceMs: 95_000 }, { ...MARKET, warning: expect.stringMatching(LEFT) }],
  ['no live quote', { quote: null }, { ...MARKET, warning: expect.stringMatching(/no live quote/) }],
  ['no quote at the start', { startPrice: null }, { ...MARKET, warning: expect.stringMatching(/no live quote/) }],
])('X-5: %s', (_name, changes, wanted) => {
  expect(price(changes)).toEqual(wanted);
});
