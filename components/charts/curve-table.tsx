'use client';

import { formatAmount, formatPct } from '@/components/format/number';
import type { Column } from '@/components/table/column';
import { Table } from '@/components/table/table';
import type { Curve } from '@/components/trpc/types';
import { Moment } from '@/components/ui/moment';

const COLUMNS: readonly Column<Curve['points'][number]>[] = [
  { id: 'at', header: 'Time (ET)', width: 120, cell: (point) => <Moment iso={point.at} /> },
  { id: 'equity', header: 'Equity', width: 120, figure: true, cell: (point) => formatAmount(point.equity) },
  { id: 'drawdown', header: 'Drawdown', width: 96, figure: true, cell: (point) => formatPct(point.drawdownPct) },
];

/** The curve's figures, newest first. */
export function CurveTable({ curve }: { readonly curve: Curve }) {
  return (
    <Table
      label="Equity figures"
      columns={COLUMNS}
      rows={curve.points.toReversed()}
      rowKey={(point) => point.at}
      maxHeight="max-h-80"
    />
  );
}
