import { priceTerms } from '@/components/features/approvals/terms';
import { formatAmount, formatQty } from '@/components/format/number';
import { ORDER_STATUS } from '@/components/status/orders';
import type { Column } from '@/components/table/column';
import type { Order } from '@/components/trpc/types';
import { Badge, SideBadge, StatusBadge } from '@/components/ui/badge';
import { ShortId } from '@/components/ui/figures';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';

/** The blotter's columns. Their ids are the server's names for the orders it can sort by. */
export const ORDER_COLUMNS: readonly Column<Order>[] = [
  {
    id: 'createdAt',
    header: 'Time (ET)',
    width: 96,
    sort: 'server',
    cell: (row) => <Moment iso={row.createdAt} />,
    csv: { id: (row) => row.id, created_at: (row) => row.createdAt },
  },
  {
    id: 'symbol',
    header: 'Symbol',
    width: 80,
    sort: 'server',
    className: 'font-semibold',
    cell: (row) => row.symbol,
    csv: { symbol: (row) => row.symbol },
  },
  {
    id: 'side',
    header: 'Side',
    width: 60,
    cell: (row) => <SideBadge side={row.side} />,
    csv: { side: (row) => row.side },
  },
  {
    id: 'qty',
    header: 'Quantity',
    width: 92,
    figure: true,
    sort: 'server',
    cell: (row) => formatQty(row.qty),
    csv: { qty: (row) => row.qty },
  },
  {
    id: 'terms',
    header: 'Terms',
    width: 128,
    className: 'num text-muted',
    cell: (row) => `${priceTerms(row)} · ${row.timeInForce}`,
    csv: {
      type: (row) => row.orderType,
      limit_price: (row) => row.limitPrice,
      stop_price: (row) => row.stopPrice,
      time_in_force: (row) => row.timeInForce,
    },
  },
  {
    id: 'status',
    header: 'Status',
    width: 184,
    cell: (row) => <OrderState row={row} />,
    csv: { status: (row) => row.status },
  },
  {
    id: 'filled',
    header: 'Filled',
    width: 72,
    figure: true,
    cell: (row) => formatQty(row.cumQty),
    csv: { filled_qty: (row) => row.cumQty },
  },
  {
    id: 'average',
    header: 'Average',
    width: 96,
    figure: true,
    cell: (row) => formatAmount(row.avgPrice, 4),
    csv: { avg_price: (row) => row.avgPrice },
  },
  {
    id: 'strategy',
    header: 'Strategy',
    width: 88,
    className: 'text-muted',
    cell: (row) => (row.kind === 'GATED' ? row.strategy : row.kind.toLowerCase()),
    title: (row) => row.strategy,
    csv: { kind: (row) => row.kind, strategy: (row) => row.strategy },
  },
  {
    id: 'updatedAt',
    header: 'Updated',
    width: 96,
    sort: 'server',
    className: 'text-muted',
    cell: (row) => <Moment iso={row.updatedAt} />,
    csv: {
      flags: (row) => row.flags.join(' '),
      reject_reason: (row) => row.rejectReason,
      cancel_attempts: (row) => row.cancelAttempts,
      cancel_fault: (row) => row.cancelFault,
    },
  },
  {
    id: 'order',
    header: 'Order',
    width: 92,
    cell: (row) => (
      <Link href={`/orders/${row.id}`} className="text-primary hover:underline" data-testid="order-link">
        <ShortId id={row.id} />
        <span className="sr-only">
          {row.side} {row.symbol}, details
        </span>
      </Link>
    ),
  },
];

function OrderState({ row }: { readonly row: Order }) {
  return (
    <span className="flex items-center gap-1">
      <StatusBadge display={ORDER_STATUS[row.status]} />
      {row.flags.map((flag) => (
        <Badge key={flag} tone="danger">
          {flag}
        </Badge>
      ))}
      {row.kind === 'EXTERNAL' && <Badge tone="warn">external</Badge>}
      {row.cancelFault !== null && (
        <Badge tone="danger" title={row.cancelFault}>
          cancel rejected ×{row.cancelAttempts}
        </Badge>
      )}
    </span>
  );
}
