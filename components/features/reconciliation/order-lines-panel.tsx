import { formatQty, NONE } from '@/components/format/number';
import { AGREEMENT } from '@/components/status/execution';
import { ORDER_STATUS } from '@/components/status/orders';
import type { Column } from '@/components/table/column';
import { Table } from '@/components/table/table';
import { RowCount } from '@/components/table/toolbar';
import type { Reconciliation } from '@/components/trpc/types';
import { Badge, SideBadge, StatusBadge } from '@/components/ui/badge';
import { ShortId } from '@/components/ui/figures';
import { Link } from '@/components/ui/link';
import { Panel } from '@/components/ui/panel';
import { EmptyState } from '@/components/ui/states';

type Line = Reconciliation['orders'][number];

const COLUMNS: readonly Column<Line>[] = [
  { id: 'symbol', header: 'Symbol', width: 88, className: 'font-semibold', cell: (line) => line.symbol },
  { id: 'order', header: 'Order', width: 224, cell: (line) => <OurOrder line={line} /> },
  { id: 'ours', header: 'Ours', width: 208, cell: (line) => <OurState line={line} /> },
  {
    id: 'broker',
    header: 'Broker',
    width: 192,
    className: 'num text-12 text-muted',
    cell: brokerText,
    title: brokerText,
  },
  {
    id: 'agreement',
    header: 'Agreement',
    width: 128,
    cell: ({ agreement, breakId }) => {
      const badge = <StatusBadge display={AGREEMENT[agreement]} />;
      return breakId === null ? badge : <Link href={`/reconciliation/breaks/${breakId}`}>{badge}</Link>;
    },
  },
];

/** Orders open on either side, and those that a break is about. */
export function OrderLinesPanel({ reconciliation }: { readonly reconciliation: Reconciliation }) {
  const { orders, ordersTotal } = reconciliation;
  return (
    <Panel
      title="Open orders on both sides"
      testId="order-lines"
      aside={<RowCount shown={orders.length} total={ordersTotal} />}
    >
      <Table
        label="Open orders"
        columns={COLUMNS}
        rows={orders}
        rowKey={(line) => line.order?.id ?? line.breakId ?? line.symbol}
        rowProps={(line) => ({ 'data-testid': 'order-line', 'data-agreement': line.agreement })}
        maxHeight="max-h-[420px]"
        empty={
          <EmptyState title="No open orders">Open orders and orders with an open break are listed here.</EmptyState>
        }
      />
    </Panel>
  );
}

/** The broker's state where a break states it; otherwise both sides agreed in the last round. */
function brokerText({ agreement, theirs, externalOrderId }: Line): string {
  if (agreement === 'DIFFERS') {
    const words = Object.entries(theirs ?? {}).flatMap(([name, value]) =>
      /id$/i.test(name) || typeof value === 'object' ? [] : [`${name.replaceAll('_', ' ')} ${String(value)}`],
    );
    return words.length === 0 ? 'order not found' : words.join(' · ');
  }
  if (agreement === 'AGREED') return 'same';
  return externalOrderId === null ? NONE : 'checked in the next round';
}

function OurOrder({ line: { order } }: { readonly line: Line }) {
  if (order === null) return <Badge tone="warn">only at the broker</Badge>;
  return (
    <span className="flex items-center gap-2">
      <SideBadge side={order.side} />
      <span className="num">{formatQty(order.qty)}</span>
      <Link href={`/orders/${order.id}`} className="text-primary hover:underline">
        <ShortId id={order.id} />
        <span className="sr-only">, details</span>
      </Link>
      {order.kind !== 'GATED' && <Badge tone="warn">{order.kind.toLowerCase()}</Badge>}
    </span>
  );
}

function OurState({ line: { order } }: { readonly line: Line }) {
  if (order === null) return <span className="text-muted">{NONE}</span>;
  return (
    <span className="flex items-center gap-2">
      <StatusBadge display={ORDER_STATUS[order.status]} />
      <span className="num text-12 text-muted">{formatQty(order.cumQty)} filled</span>
    </span>
  );
}
