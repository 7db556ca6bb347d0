import { expect, test } from 'vitest';
import { brokerOrder, FakeBroker } from '@/server/application/testing/fakes';
import { parseMoney, parseUnits } from '@/server/kernel/money';
import { grossBuyingPower } from './buying-power';

test('what the broker held for working buys when it stated the account is added back to the buying power', () => {
  const account = { ...new FakeBroker().accountAnswer, buyingPower: parseMoney('1000') };
  const limit = brokerOrder('l', { limitPrice: parseUnits('50'), filledQty: parseUnits('4') });
  const market = brokerOrder('m');
  const late = brokerOrder('late', { limitPrice: parseUnits('70'), submittedAtMs: 1_000 });
  const sale = brokerOrder('s', { side: 'SELL', limitPrice: parseUnits('90') });
  const byAmount = brokerOrder('a', { qty: null, limitPrice: parseUnits('10') });
  const references = new Map([['b-m', parseUnits('20')]]);
  const power = grossBuyingPower(account, 1_000, [limit, market, late, sale, byAmount], references);
  expect(power).toBe(parseMoney('1500'));
});
