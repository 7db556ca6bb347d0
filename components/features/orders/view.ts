import { createLoader, type inferParserType } from 'nuqs/server';
import type { RouterInputs } from '@/components/trpc/types';
import { choiceParam, symbolParam, textParam } from '@/components/url-state';

type Asked = Required<RouterInputs['orders']['list']>;

export const ORDER_GROUPS: Record<NonNullable<Asked['group']>, string> = {
  all: 'All',
  working: 'Working',
  filled: 'Filled',
  closed: 'Closed unfilled',
};

export const ORDER_SORTS: Record<NonNullable<Asked['sort']>, true> = {
  createdAt: true,
  symbol: true,
  qty: true,
  updatedAt: true,
};

/** What the blotter shows, as its address states it. */
export const ordersParams = {
  group: choiceParam(ORDER_GROUPS, 'all'),
  symbol: symbolParam,
  strategy: textParam(100),
  sort: choiceParam(ORDER_SORTS, 'createdAt'),
  direction: choiceParam({ asc: true, desc: true }, 'desc'),
};

export type OrdersView = inferParserType<typeof ordersParams>;

export const loadOrdersView = createLoader(ordersParams);
