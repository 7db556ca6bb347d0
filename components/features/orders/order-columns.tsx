import { priceTerms } from '@/components/features/approvals/terms';
import { formatAmount, formatQty } from '@/components/format/number';
import { ORDER_STATUS } from '@/components/status/orders';
import type { Column } from '@/components/table/column';
import type { Order } from '@/components/trpc/types';
import { Badge, SideBadge, StatusBadge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { ShortId } from '@/components/ui/figures';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';

/** The blotter's columns. Their ids are the server's names for the orders it can sort by. */
export const ORDER_COLUMNS: readonly Column<Order>[] = [
  {
    id: 'createdAt',
    header: 'Time (ET)',
    width: 124,
    phoneWidth: 76,
    sort: 'server',
    cell: (row) => <Moment iso={row.createdAt} />,
  },
  {
    id: 'symbol',
    header: 'Symbol',
    width: 80,
    phoneWidth: 60,
    sort: 'server',
    className: 'font-semibold',
    cell: (row) => row.symbol,
  },
  {
    id: 'side',
    header: 'Side',
    width: 60,
    phoneWidth: 52,
    cell: (row) => <SideBadge side={row.side} />,
  },
  {
    id: 'qty',
    header: 'Quantity',
    width: 92,
    phoneWidth: 66,
    figure: true,
    sort: 'server',
    cell: (row) => formatQty(row.qty),
  },
  {
    id: 'terms',
    header: 'Terms',
    width: 128,
    hideOnPhone: true,
    className: 'num text-muted',
    cell: (row) => `${priceTerms(row)} · ${row.timeInForce}`,
  },
  {
    id: 'status',
    header: 'Status',
    width: 176,
    phoneWidth: 110,
    cell: (row) => <OrderState row={row} />,
  },
  {
    id: 'filled',
    header: 'Filled',
    width: 72,
    figure: true,
    cell: (row) => formatQty(row.cumQty),
  },
  {
    id: 'average',
    header: 'Average',
    width: 96,
    figure: true,
    cell: (row) => formatAmount(row.avgPrice, 4),
  },
  {
    id: 'strategy',
    header: 'Strategy',
    width: 88,
    className: 'text-muted',
    cell: (row) => (row.kind === 'GATED' ? row.strategy : row.kind.toLowerCase()),
    title: (row) => row.strategy,
  },
  {
    id: 'updatedAt',
    header: 'Updated',
    width: 124,
    sort: 'server',
    className: 'text-muted',
    cell: (row) => <Moment iso={row.updatedAt} />,
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

interface Selection {
  readonly selected: ReadonlySet<string>;
  readonly may: boolean;
  /** Every order on the page that can be cancelled is selected. */
  readonly all: boolean;
  readonly onToggle: (id: string) => void;
  readonly onToggleAll: () => void;
}

/** Boxes that select orders to be cancelled. An order that cannot be cancelled has none. */
export function selectColumn({ selected, may, all, onToggle, onToggleAll }: Selection): Column<Order> {
  return {
    id: 'select',
    header: 'Select',
    width: 36,
    hideOnPhone: true,
    headerCell: () => (
      <input
        type="checkbox"
        checked={all}
        disabled={!may}
        onChange={onToggleAll}
        aria-label="Select every order that can be cancelled"
        className="block size-4 accent-primary"
      />
    ),
    cell: (row) =>
      row.cancellable ? (
        <input
          type="checkbox"
          checked={selected.has(row.id)}
          disabled={!may}
          onChange={() => onToggle(row.id)}
          aria-label={`Select ${row.side} ${row.symbol}`}
          className="block size-4 accent-primary"
        />
      ) : (
        ' '
      ),
  };
}

/** What can be done with an order without opening it. */
export function actionColumn(may: boolean, onCancel: (row: Order) => void): Column<Order> {
  return {
    id: 'actions',
    header: 'Actions',
    headerHidden: true,
    width: 124,
    cell: (row) => (
      <span className="flex items-center justify-end gap-2">
        {row.signalId !== null && (
          <Link href={`/signals/${row.signalId}`} className="text-12 text-primary hover:underline">
            Signal
            <span className="sr-only">
              {' '}
              of {row.side} {row.symbol}
            </span>
          </Link>
        )}
        {row.cancellable && (
          <Button
            size="small"
            disabled={!may}
            title={may ? undefined : 'Needs the role operator'}
            onClick={() => onCancel(row)}
            aria-label={`Cancel ${row.side} ${row.symbol}`}
            data-testid="row-cancel"
          >
            Cancel…
          </Button>
        )}
      </span>
    ),
  };
}

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
