'use client';

import { useMemo } from 'react';
import { type Candles, candleAt } from '@/components/charts/prepare-candles';
import { formatPrice, formatQty } from '@/components/format/number';
import type { Column } from '@/components/table/column';
import { Table } from '@/components/table/table';
import type { BarsView } from '@/components/trpc/types';
import { SideBadge } from '@/components/ui/badge';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';

/** A shorter range shows older candles. */
const MOST_ROWS = 500;

type Fill = BarsView['fills'][number];

type Candle = Candles['candles'][number];

/** A price of a candle; a candle without a bar shows that in the first column. */
const priceColumn = (name: 'open' | 'high' | 'low' | 'close', header: string): Column<Candle> => ({
  id: name,
  header,
  width: 88,
  figure: true,
  cell: ({ figures }) => {
    if (figures !== null) return formatPrice(String(figures[name]));
    return name === 'open' ? (
      <span className="text-warn" data-testid="gap-row">
        no bar
      </span>
    ) : null;
  },
});

function columnsOf(fills: ReadonlyMap<number, readonly Fill[]>): readonly Column<Candle>[] {
  return [
    {
      id: 'start',
      header: 'Start (ET)',
      width: 120,
      cell: ({ startMs }) => <Moment iso={new Date(startMs).toISOString()} />,
    },
    priceColumn('open', 'Open'),
    priceColumn('high', 'High'),
    priceColumn('low', 'Low'),
    priceColumn('close', 'Close'),
    {
      id: 'volume',
      header: 'Volume',
      width: 96,
      figure: true,
      cell: ({ figures }) =>
        figures === null ? null : figures.traded ? formatQty(String(figures.volume)) : 'no trades',
    },
    { id: 'fills', header: 'Fills', width: 200, cell: ({ startMs }) => <FillLinks fills={fills.get(startMs) ?? []} /> },
  ];
}

/** The chart's candles, fills and gaps as figures, newest first. */
export function PriceTable({ data, view }: { readonly data: Candles; readonly view: BarsView }) {
  const columns = useMemo(() => {
    const fills = new Map<number, Fill[]>();
    for (const fill of view.fills) {
      const at = candleAt(data.candles, Date.parse(fill.at));
      if (at !== null) fills.set(at, [...(fills.get(at) ?? []), fill]);
    }
    return columnsOf(fills);
  }, [data, view]);
  return (
    <Table
      label="Price figures"
      columns={columns}
      rows={data.candles.slice(-MOST_ROWS).reverse()}
      rowKey={({ startMs }) => String(startMs)}
      maxHeight="h-full"
      testId="price-table"
      virtualFrom={Number.POSITIVE_INFINITY}
    />
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
