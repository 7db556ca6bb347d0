'use client';

import { type Candles, candleAt } from '@/components/charts/prepare-candles';
import { formatPrice, formatQty } from '@/components/format/number';
import type { BarsView } from '@/components/trpc/types';
import { SideBadge } from '@/components/ui/badge';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';
import { ScrollBox } from '@/components/ui/scroll-box';

/** More than a person reads; a shorter range shows the rest. */
const MOST_ROWS = 500;

type Fill = BarsView['fills'][number];

/** The chart's candles, fills and gaps as figures, newest first. */
export function PriceTable({ data, view }: { readonly data: Candles; readonly view: BarsView }) {
  const fills = new Map<number, Fill[]>();
  for (const fill of view.fills) {
    const at = candleAt(data.candles, Date.parse(fill.at));
    if (at !== null) fills.set(at, [...(fills.get(at) ?? []), fill]);
  }
  const rows = data.candles.slice(-MOST_ROWS).reverse();
  return (
    <ScrollBox label="Price figures" className="h-full">
      <table className="table" data-testid="price-table">
        <thead>
          <tr>
            <th scope="col">Start (ET)</th>
            {['Open', 'High', 'Low', 'Close', 'Volume'].map((name) => (
              <th key={name} scope="col" className="right">
                {name}
              </th>
            ))}
            <th scope="col">Fills</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ startMs, figures }) => (
            <tr key={startMs}>
              <td>
                <Moment iso={new Date(startMs).toISOString()} />
              </td>
              {figures === null ? (
                <td colSpan={5} className="text-warn" data-testid="gap-row">
                  no bar
                </td>
              ) : (
                <>
                  {[figures.open, figures.high, figures.low, figures.close].map((price, index) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: the four figures of a bar, in their order
                    <td key={index} className="num right">
                      {formatPrice(String(price))}
                    </td>
                  ))}
                  <td className="num right">{figures.traded ? formatQty(String(figures.volume)) : 'no trade'}</td>
                </>
              )}
              <td>
                <FillLinks fills={fills.get(startMs) ?? []} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

function FillLinks({ fills }: { readonly fills: readonly Fill[] }) {
  return (
    <span className="flex flex-wrap gap-2">
      {fills.map((fill) => (
        <Link
          key={`${fill.orderId} ${fill.at} ${fill.qty}`}
          href={`/orders/${fill.orderId}`}
          className="num inline-flex items-center gap-1 text-primary hover:underline"
        >
          <SideBadge side={fill.side} /> {formatQty(fill.qty)} at {formatPrice(fill.price)}
        </Link>
      ))}
    </span>
  );
}
