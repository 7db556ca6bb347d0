'use client';

import { useQuery } from '@tanstack/react-query';
import { formatAmount, formatPrice, formatQty, NONE, signOf } from '@/components/format/number';
import { describeMoment, formatDuration } from '@/components/format/time';
import type { Column } from '@/components/table/column';
import { Table } from '@/components/table/table';
import { useTRPC } from '@/components/trpc/client';
import type { OrderDetail } from '@/components/trpc/types';
import { Pnl, ShortId } from '@/components/ui/figures';
import { Link } from '@/components/ui/link';
import { Fact, Panel } from '@/components/ui/panel';
import { EmptyState } from '@/components/ui/states';

type Result = NonNullable<OrderDetail['result']>;
type Match = NonNullable<Result['position']>['matches'][number];

const MATCH_COLUMNS: readonly Column<Match>[] = [
  {
    id: 'order',
    header: 'With order',
    title: (row) => `Closed ${describeMoment(row.closedAt)}`,
    cell: (row) => (
      <Link href={`/orders/${row.orderId}`} className="text-primary hover:underline">
        <ShortId id={row.orderId} />
        <span className="sr-only"> that {row.role === 'CLOSED' ? 'closed' : 'opened'} the shares</span>
      </Link>
    ),
  },
  { id: 'qty', header: 'Quantity', figure: true, cell: (row) => formatQty(row.qty) },
  {
    id: 'prices',
    header: 'Open → close',
    figure: true,
    cell: (row) => `${formatPrice(row.openPrice)} → ${formatPrice(row.closePrice)}`,
  },
  { id: 'profit', header: 'Result', figure: true, cell: (row) => <Pnl value={row.profit} /> },
];

/** What an order earned, how far its fills were from the price it was decided at, and how long that took. */
export function ResultPanel({ result }: { readonly result: OrderDetail['result'] }) {
  return (
    <Panel title="Result" testId="order-result" aside={<span className="text-12 text-muted">before fees</span>}>
      {result === null ? (
        <EmptyState title="No result before the first fill" />
      ) : (
        <>
          <dl className="grid grid-cols-2 gap-x-4 gap-y-2 p-3">
            <Fact label="Realised">
              <Pnl value={result.position?.profit ?? null} />
            </Fact>
            <Fact label="Still held">{heldText(result.position)}</Fact>
            {(result.position?.openProfit ?? null) !== null && (
              <Fact label="Open, at the newest quote" className="col-span-2">
                <Pnl value={result.position?.openProfit ?? null} />
              </Fact>
            )}
            <Fact label="Arrival price">{formatPrice(result.arrivalPrice)}</Fact>
            <Fact label="Slippage">{slippageText(result.slippageBps)}</Fact>
            <Fact label="To the first fill">
              {result.toFirstFillMs === null ? NONE : lengthText(result.toFirstFillMs)}
            </Fact>
          </dl>
          {result.position === null && (
            <p className="border-t border-border px-3 py-2 text-12 text-muted">
              The result of single orders is unknown: since nothing was held last, the holding was changed by something
              other than fills, or by very many of them. The account’s result is not affected.
            </p>
          )}
          {result.position !== null && result.position.matches.length > 0 && (
            <Table
              label="Shares matched with other orders"
              columns={MATCH_COLUMNS}
              rows={result.position.matches}
              rowKey={(row) => `${row.orderId} ${row.openedAt} ${row.closedAt} ${row.qty}`}
              maxHeight="max-h-60"
            />
          )}
        </>
      )}
    </Panel>
  );
}

/** The result of a signal's order. */
export function OrderResult({ orderId }: { readonly orderId: string }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.orders.get.queryOptions({ id: orderId }));
  return query.data === undefined ? null : <ResultPanel result={query.data.result} />;
}

function heldText(position: Result['position']): string {
  if (position === null) return NONE;
  return position.heldQty === '0' ? 'nothing' : `${formatQty(position.heldQty)} shares`;
}

/** A cost is positive: paid more, or received less, than the price when the order was decided. */
function slippageText(bps: string | null): string {
  if (bps === null) return NONE;
  const sign = signOf(bps);
  const size = formatAmount(bps.replace('-', ''), 1);
  return sign === 0 ? '0.0 bp' : `${size} bp ${sign > 0 ? 'worse' : 'better'}`;
}

const lengthText = (ms: number) => (ms < 1_000 ? `${Math.max(0, Math.round(ms))} ms` : formatDuration(ms / 1_000));
