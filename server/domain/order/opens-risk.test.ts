import { expect, test } from 'vitest';
import { opensRisk } from './opens-risk';

const order = (side: 'BUY' | 'SELL', qty: bigint | null, filledQty = 0n) => ({ side, qty, filledQty });

test.each([
  ['a buy with nothing held', order('BUY', 5n), 0n, true],
  ['a buy that adds to a long position', order('BUY', 5n), 10n, true],
  ['a buy that covers a short', order('BUY', 5n), -5n, false],
  ['a buy of more than the short', order('BUY', 6n), -5n, true],
  ['a sell of all that is held', order('SELL', 10n), 10n, false],
  ['a sell of more', order('SELL', 11n), 10n, true],
  ['a sell of more, of which enough is filled', order('SELL', 11n, 1n), 10n, false],
  ['a sell with nothing held', order('SELL', 1n), 0n, true],
  ['a sell of a short position', order('SELL', 1n), -5n, true],
  ['a sell by amount of what is held', order('SELL', null), 10n, false],
  ['a buy by amount', order('BUY', null), 10n, true],
])('H-9: %s', (_name, given, held, wanted) => {
  expect(opensRisk(given, held)).toBe(wanted);
});
