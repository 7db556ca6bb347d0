import { expectTypeOf, test } from 'vitest';
import type { Answered, BrokerOrderView, BrokerSide, OrdersView } from './index';

type OpenOrders = OrdersView['open'];

/** What queries tend to give when they fail. */
type Failed = undefined | null | Error | { ok: false } | { value: undefined };

test('what a failed query gives has no place in a decision, nor has an empty list that nobody answered', () => {
  expectTypeOf<Extract<Failed, OpenOrders>>().toBeNever();
  expectTypeOf<readonly BrokerOrderView[]>().not.toExtend<OpenOrders>();
  expectTypeOf<{ value: readonly BrokerOrderView[] }>().not.toExtend<OpenOrders>();
  expectTypeOf<null>().not.toExtend<BrokerSide['order']>();
  expectTypeOf<Answered<null>>().toExtend<BrokerSide['order']>();
});
