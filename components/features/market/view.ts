import type { BarRange } from '@/components/trpc/types';

export const RANGES: Record<BarRange, string> = { day: 'Day', week: 'Week', month: 'Month', year: 'Year' };

export interface MarketView {
  /** Empty: the first of the list. */
  readonly symbol: string;
  readonly range: BarRange;
}

/** Reads a view from an address; what it does not know becomes the default. */
export function readView(params: URLSearchParams): MarketView {
  const keys = Object.keys(RANGES) as BarRange[];
  const symbol = (params.get('symbol') ?? '').trim().toUpperCase();
  return {
    symbol: /^[A-Z][A-Z0-9.-]{0,11}$/.test(symbol) ? symbol : '',
    range: keys.find((key) => key === params.get('range')) ?? 'day',
  };
}

/** The address of a view; defaults are left out. */
export function writeView({ symbol, range }: MarketView): string {
  const params = new URLSearchParams();
  if (symbol !== '') params.set('symbol', symbol);
  if (range !== 'day') params.set('range', range);
  const text = params.toString();
  return text === '' ? '/market' : `/market?${text}`;
}

/** The middle of a quote, in floats: for display alone. */
export function middle(quote: { readonly bid: string; readonly ask: string }): number {
  return (Number(quote.bid) + Number(quote.ask)) / 2;
}

/** A share of a float as text for the formatters: `0.0123`. Null where it is none. */
export function changeOf(price: number | null, before: string | null): string | null {
  if (price === null || before === null || !(Number(before) > 0)) return null;
  return (price / Number(before) - 1).toFixed(6);
}

/** Spread in basis points of the middle; null where there is no middle. */
export function spreadBps(quote: { readonly bid: string; readonly ask: string }): number | null {
  const mid = middle(quote);
  return mid > 0 ? ((Number(quote.ask) - Number(quote.bid)) / mid) * 10_000 : null;
}
