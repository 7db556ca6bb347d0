import type { BarListBody, MarketQuoteBody } from '@/server/contracts/market';

/** Numbers, as Alpaca's Market Data API writes prices. The venue is not stored: `V` is IEX, the feed of its free plan. */
export const presentQuote = ({
  quoted_at,
  bid,
  ask,
  bid_size,
  ask_size,
}: Pick<MarketQuoteBody, 'quoted_at' | 'bid' | 'ask' | 'bid_size' | 'ask_size'>): object => ({
  t: quoted_at,
  bx: 'V',
  bp: Number(bid),
  bs: Math.floor(Number(bid_size)),
  ax: 'V',
  ap: Number(ask),
  as: Math.floor(Number(ask_size)),
  c: ['R'],
  z: 'C',
});

type Bar = BarListBody['bars'][number];

/** How many trades a bar has is not stored, nor their average price: the average of its four prices stands for that. */
export function presentBar({ start, open, high, low, close, volume }: Bar): object {
  const [o, h, l, c] = [open, high, low, close].map(Number) as [number, number, number, number];
  return { t: start, o, h, l, c, v: Number(volume), n: 0, vw: Number(((o + h + l + c) / 4).toFixed(6)) };
}
