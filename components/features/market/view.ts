import { createLoader, createParser } from 'nuqs/server';
import type { BarRange } from '@/components/trpc/types';
import { choiceParam } from '@/components/url-state';

export const RANGES: Record<BarRange, string> = { day: 'Day', week: 'Week', month: 'Month', year: 'Year' };

/** The chosen symbol and chart range, as the address states them. '' chooses the first symbol of the list. */
export const marketParams = {
  symbol: createParser<string>({
    parse: (text) => /^[A-Z][A-Z0-9.-]{0,11}$/.exec(text.trim().toUpperCase())?.[0] ?? null,
    serialize: (text) => text,
  }).withDefault(''),
  range: choiceParam(RANGES, 'day'),
};

export const loadMarketView = createLoader(marketParams);

/** The middle of a quote, in floats: for display alone. */
export function middle(quote: { readonly bid: string; readonly ask: string }): number {
  return (Number(quote.bid) + Number(quote.ask)) / 2;
}

/** The change as a fraction for the formatters, e.g. `0.0123`; null where either price is unknown. */
export function changeOf(price: number | null, before: string | null): string | null {
  if (price === null || before === null || !(Number(before) > 0)) return null;
  return (price / Number(before) - 1).toFixed(6);
}

/** Spread in basis points of the middle; null where there is no middle. */
export function spreadBps(quote: { readonly bid: string; readonly ask: string }): number | null {
  const mid = middle(quote);
  return mid > 0 ? ((Number(quote.ask) - Number(quote.bid)) / mid) * 10_000 : null;
}
