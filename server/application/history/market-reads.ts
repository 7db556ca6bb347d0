import type { FeaturesBody } from '@/server/contracts/features';
import { type BarListBody, type BarQuery, DEFAULT_BARS, type MarketQuoteBody } from '@/server/contracts/market';
import { newYorkMidnightMs } from '@/server/domain/calendar';
import type { Bar } from '@/server/domain/exchange/types';
import { formatUnits } from '@/server/kernel/money';
import type { BarReader } from './read-bars';

/** Reads of the market for clients over the network. */
export interface MarketReads {
  /** Null for a symbol without a quote. */
  quote(symbol: string): Promise<MarketQuoteBody | null>;
  /** Null for a symbol of which nothing is known. @throws BarQueryError */
  bars(symbol: string, query: BarQuery): Promise<BarListBody | null>;
  /** Null for a symbol of which no bar has closed. */
  features(symbol: string): Promise<FeaturesBody | null>;
}

/** A range that cannot be answered. */
export class BarQueryError extends Error {
  override readonly name = 'BarQueryError';

  constructor(
    readonly field: 'start' | 'end' | 'page_token',
    message: string,
  ) {
    super(message);
  }
}

const PERIOD = { '1Min': '1m', '1Day': '1d' } as const;

const instantMs = (text: string): number => (text.includes('T') ? Date.parse(text) : newYorkMidnightMs(text));

/** A token is the start of the bar that the next page begins with. */
const tokenOf = (bar: Bar): string => bar.startMs.toString(36);

interface Span {
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

function spanOf({ start, end, page_token }: BarQuery): Span {
  if (start === undefined) return { fromMs: null, toMs: null };
  const fromMs = instantMs(start);
  const toMs = end === undefined ? null : instantMs(end);
  if (toMs !== null && toMs <= fromMs) throw new BarQueryError('end', 'must be after start');
  if (page_token === undefined) return { fromMs, toMs };
  const atMs = Number.parseInt(page_token, 36);
  if (!(atMs >= fromMs) || (toMs !== null && atMs >= toMs))
    throw new BarQueryError('page_token', 'belongs to another range');
  return { fromMs: atMs, toMs };
}

const toBody = ({ startMs, endMs, open, high, low, close, volume }: Bar): BarListBody['bars'][number] => ({
  start: new Date(startMs).toISOString(),
  end: new Date(endMs).toISOString(),
  open: formatUnits(open),
  high: formatUnits(high),
  low: formatUnits(low),
  close: formatUnits(close),
  volume: formatUnits(volume),
});

/** One page of bars; without a range the newest ones. @throws BarQueryError */
export async function readBarPage(reader: BarReader, symbol: string, query: BarQuery): Promise<BarListBody | null> {
  const { timeframe } = query;
  const period = PERIOD[timeframe];
  const span = spanOf(query);
  const whole = query.start === undefined;
  const limit = query.limit ?? (whole ? 1 : DEFAULT_BARS);
  // One more than asked for tells whether there is another page.
  const count = whole ? limit : limit + 1;
  const bars = await reader.read({
    symbol,
    period,
    ...span,
    limit: { bars: count, of: whole ? 'newest' : 'oldest' },
  });
  if (bars === null) return null;
  const next = bars[limit];
  return {
    symbol,
    timeframe,
    bars: bars.slice(0, limit).map(toBody),
    next_page_token: whole || next === undefined ? null : tokenOf(next),
  };
}
