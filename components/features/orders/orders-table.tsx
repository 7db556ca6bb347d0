'use client';

import { SortHeader } from '@/components/data-table/sort-header';
import { priceTerms } from '@/components/features/approvals/terms';
import { formatAmount, formatQty, NONE } from '@/components/format/number';
import { ORDER_STATUS } from '@/components/status/orders';
import type { Order } from '@/components/trpc/types';
import { Badge, SideBadge, StatusBadge } from '@/components/ui/badge';
import { ShortId } from '@/components/ui/figures';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';
import { ScrollBox } from '@/components/ui/scroll-box';
import type { OrdersView } from './view';

interface OrdersTableProps {
  readonly rows: readonly Order[];
  readonly view: OrdersView;
  readonly currentId: string | null;
  readonly onView: (view: OrdersView) => void;
}

export function OrdersTable({ rows, view, currentId, onView }: OrdersTableProps) {
  const sorting = {
    sort: view.sort ?? 'createdAt',
    direction: view.direction ?? 'desc',
    onSort: (sort: NonNullable<OrdersView['sort']>, direction: 'asc' | 'desc') => onView({ ...view, sort, direction }),
  } as const;
  return (
    <ScrollBox label="Orders" className="max-h-[calc(100dvh-196px)]">
      <table className="table" data-testid="orders-table">
        <thead>
          <tr>
            <SortHeader label="Time (ET)" column="createdAt" {...sorting} />
            <SortHeader label="Symbol" column="symbol" {...sorting} />
            <th scope="col">Side</th>
            <SortHeader label="Quantity" column="qty" right {...sorting} />
            <th scope="col">Terms</th>
            <th scope="col">Status</th>
            <th scope="col" className="right">
              Filled
            </th>
            <th scope="col" className="right">
              Average
            </th>
            <th scope="col">Strategy</th>
            <SortHeader label="Updated" column="updatedAt" {...sorting} />
            <th scope="col">Order</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <OrderLine key={row.id} row={row} current={row.id === currentId} />
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

function OrderLine({ row, current }: { readonly row: Order; readonly current: boolean }) {
  return (
    <tr data-testid="order-row" data-order-id={row.id} data-status={row.status} data-current={current}>
      <td>
        <Moment iso={row.createdAt} />
      </td>
      <td className="font-semibold">{row.symbol}</td>
      <td>
        <SideBadge side={row.side} />
      </td>
      <td className="num right">{formatQty(row.qty)}</td>
      <td className="num text-muted">
        {priceTerms(row)} · {row.timeInForce}
      </td>
      <td>
        <span className="flex items-center gap-1">
          <StatusBadge display={ORDER_STATUS[row.status]} />
          {row.flags.map((flag) => (
            <Badge key={flag} tone="danger">
              {flag}
            </Badge>
          ))}
          {row.kind === 'EXTERNAL' && <Badge tone="warn">external</Badge>}
          {row.waitsFor !== null && <Badge tone="warn">waits</Badge>}
          {row.cancelFault !== null && (
            <Badge tone="danger" title={row.cancelFault}>
              cancel refused ×{row.cancelAttempts}
            </Badge>
          )}
        </span>
      </td>
      <td className="num right">{formatQty(row.cumQty)}</td>
      <td className="num right">{formatAmount(row.avgPrice, 4)}</td>
      <td className="text-muted">
        {row.kind === 'GATED' ? (row.strategy === '' ? NONE : row.strategy) : row.kind.toLowerCase()}
      </td>
      <td className="text-muted">
        <Moment iso={row.updatedAt} />
      </td>
      <td>
        <Link href={`/orders/${row.id}`} className="text-primary hover:underline" data-testid="order-link">
          <ShortId id={row.id} />
          <span className="sr-only">
            {row.side} {row.symbol}, the whole story
          </span>
        </Link>
      </td>
    </tr>
  );
}
