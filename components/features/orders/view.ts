import type { RouterInputs } from '@/components/trpc/types';

/** What the blotter shows, as its address says it. */
export type OrdersView = Required<Pick<RouterInputs['orders']['list'], 'group' | 'symbol' | 'sort' | 'direction'>>;

export const DEFAULT_VIEW: OrdersView = { group: 'all', symbol: '', sort: 'createdAt', direction: 'desc' };

const GROUPS: Record<NonNullable<OrdersView['group']>, true> = { all: true, working: true, filled: true, closed: true };
const SORTS: Record<NonNullable<OrdersView['sort']>, true> = {
  createdAt: true,
  symbol: true,
  qty: true,
  updatedAt: true,
};

function known<Key extends string>(record: Readonly<Record<Key, true>>, value: string | null, fallback: Key): Key {
  const keys = Object.keys(record) as Key[];
  return keys.find((key) => key === value) ?? fallback;
}

/** Reads a view from an address; what it does not know becomes the default. */
export function readView(params: URLSearchParams): OrdersView {
  return {
    group: known(GROUPS, params.get('group'), 'all'),
    symbol: (params.get('symbol') ?? '').trim().toUpperCase().slice(0, 12),
    sort: known(SORTS, params.get('sort'), 'createdAt'),
    direction: params.get('direction') === 'asc' ? 'asc' : 'desc',
  };
}

/** The address of a view; defaults are left out, so that the plain view has the plain address. */
export function writeView(view: OrdersView): string {
  const params = new URLSearchParams();
  if (view.group !== DEFAULT_VIEW.group) params.set('group', view.group ?? 'all');
  if (view.symbol !== '') params.set('symbol', view.symbol ?? '');
  if (view.sort !== DEFAULT_VIEW.sort) params.set('sort', view.sort ?? 'createdAt');
  if (view.direction !== DEFAULT_VIEW.direction) params.set('direction', view.direction ?? 'desc');
  const text = params.toString();
  return text === '' ? '/orders' : `/orders?${text}`;
}
