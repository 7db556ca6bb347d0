'use client';

import { useQuery } from '@tanstack/react-query';
import { priceTerms } from '@/components/features/approvals/terms';
import { formatAmount, formatPrice, formatQty, NONE } from '@/components/format/number';
import { ORDER_KIND, ORDER_STATUS } from '@/components/status/orders';
import type { Column } from '@/components/table/column';
import { Table } from '@/components/table/table';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { OrderDetail } from '@/components/trpc/types';
import { Badge, SideBadge, StatusBadge } from '@/components/ui/badge';
import { cx } from '@/components/ui/cx';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';
import { Fact, PageHeader, Panel } from '@/components/ui/panel';
import { EmptyState, ErrorState } from '@/components/ui/states';
import { Trail } from '@/components/ui/trail';
import { CancelButton } from './cancel-button';
import { orderNotes, unsentReason } from './notes';
import { prepareTimeline } from './prepare-timeline';
import { ResultPanel } from './result-panel';
import { Timeline } from './timeline';

type Fill = OrderDetail['fills'][number];

/** One order: its terms, its fills and its timeline. */
export function OrderPage({ initial }: { readonly initial: OrderDetail }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.orders.get.queryOptions({ id: initial.order.id }, { initialData: initial }));
  const detail = query.data;
  const { order } = detail;
  return (
    <>
      <Trail href="/orders" title="Orders" id={order.id} />
      <PageHeader
        title={
          <span className="num flex flex-wrap items-center gap-2" data-testid="order-headline">
            <SideBadge side={order.side} /> {formatQty(order.qty)} {order.symbol}
            <span data-testid="order-status" data-status={order.status}>
              <StatusBadge display={ORDER_STATUS[order.status]} />
            </span>
            {order.flags.map((flag) => (
              <Badge key={flag} tone="danger">
                {flag}
              </Badge>
            ))}
          </span>
        }
        aside={<CancelButton order={order} />}
      />
      {query.isError && <ErrorState message={messageOf(query.error)} onRetry={() => void query.refetch()} />}
      <Notes detail={detail} />
      <div className="grid items-start gap-3 xl:grid-cols-[minmax(0,1fr)_400px]">
        <Panel title="Timeline" className="order-2 xl:order-1">
          <Timeline items={prepareTimeline(detail)} />
        </Panel>
        <div className="order-1 flex min-w-0 flex-col gap-3 xl:order-2">
          <Terms detail={detail} />
          <ResultPanel result={detail.result} />
          <Fills detail={detail} />
        </div>
      </div>
    </>
  );
}

/** What the operator should know about this order first. */
function Notes({ detail }: { readonly detail: OrderDetail }) {
  const unsent = unsentReason(detail);
  const notes = orderNotes(detail.order);
  if (notes.length === 0 && unsent === null) return null;
  return (
    <ul className="mb-3 flex flex-col gap-1" data-testid="order-notes">
      {notes.map((note) => (
        <li key={note.key} className={cx('rounded-sm px-3 py-2', NOTE[note.tone])}>
          {note.text}
        </li>
      ))}
      {unsent !== null && <li className={cx('rounded-sm px-3 py-2', NOTE.warn)}>Not sent: {unsent}.</li>}
    </ul>
  );
}

const NOTE = {
  neutral: 'bg-sunken text-text',
  warn: 'bg-warn-bg text-warn',
  danger: 'bg-danger-bg text-danger',
} as const;

function Terms({ detail }: { readonly detail: OrderDetail }) {
  const { order } = detail;
  return (
    <Panel title="Order">
      <dl className="grid grid-cols-2 gap-x-4 gap-y-2 p-3">
        <Fact label="Terms">
          {priceTerms(order)} · {order.timeInForce}
        </Fact>
        <Fact label="Kind">
          {ORDER_KIND[order.kind]}
          {order.parentId !== null && (
            <>
              {' of '}
              <Link href={`/orders/${order.parentId}`} className="underline">
                its entry
              </Link>
            </>
          )}
        </Fact>
        {order.protectiveStopPrice !== null && (
          <Fact label="Protective stop">{formatPrice(order.protectiveStopPrice)}</Fact>
        )}
        <Fact label="Filled">
          {formatQty(order.cumQty)} of {formatQty(order.qty)}
        </Fact>
        <Fact label="Open quantity">{formatQty(order.leavesQty)}</Fact>
        <Fact label="Average price">{formatPrice(order.avgPrice)}</Fact>
        <Fact label="Filled notional">{order.cumQty === '0' ? NONE : `$${formatAmount(order.cumNotional)}`}</Fact>
        <Fact label="Strategy">{order.strategy === '' ? NONE : order.strategy}</Fact>
        <Fact label="Created">
          <Moment iso={order.createdAt} /> ET
        </Fact>
        <Fact label="Broker order id" className="col-span-2">
          <code className="font-mono text-12">{order.externalOrderId ?? NONE}</code>
        </Fact>
        {order.rejectReason !== null && (
          <div className="col-span-2 text-danger">
            <dt className="text-12">Reason for rejection</dt>
            <dd>{order.rejectReason}</dd>
          </div>
        )}
      </dl>
    </Panel>
  );
}

const FILL_COLUMNS: readonly Column<Fill>[] = [
  { id: 'at', header: 'Time (ET)', cell: (fill) => <Moment iso={fill.at} /> },
  { id: 'qty', header: 'Quantity', figure: true, cell: (fill) => formatQty(fill.qty) },
  { id: 'price', header: 'Price', figure: true, cell: (fill) => formatPrice(fill.price) },
  {
    id: 'source',
    header: 'Source',
    className: 'text-12 text-muted',
    cell: (fill) => `${fill.source.toLowerCase()}${fill.busted ? ', busted' : ''}`,
  },
];

function Fills({ detail }: { readonly detail: OrderDetail }) {
  return (
    <Panel title="Fills" testId="fills">
      <Table
        label="Fills"
        columns={FILL_COLUMNS}
        rows={detail.fills}
        rowKey={(fill) => fill.executionId}
        rowProps={(fill) => ({
          title: fill.executionId,
          ...(fill.busted ? { className: 'line-through opacity-70' } : {}),
        })}
        empty={<EmptyState title="No fills yet" />}
      />
    </Panel>
  );
}
