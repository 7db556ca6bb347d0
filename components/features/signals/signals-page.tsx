'use client';

import { useQuery } from '@tanstack/react-query';
import { formatPct, NONE } from '@/components/format/number';
import { DECISION } from '@/components/status/decisions';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { SignalRow } from '@/components/trpc/types';
import { SideBadge, StatusBadge } from '@/components/ui/badge';
import { ShortId } from '@/components/ui/figures';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';
import { PageHeader, Panel } from '@/components/ui/panel';
import { ScrollBox } from '@/components/ui/scroll-box';
import { EmptyState, ErrorState } from '@/components/ui/states';

export const SIGNALS_SHOWN = 200;

/** Candidates, what became of each, and the way to its order. */
export function SignalsPage({ initial }: { readonly initial: SignalRow[] }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.signals.list.queryOptions({ limit: SIGNALS_SHOWN }, { initialData: initial }));
  return (
    <>
      <PageHeader title="Signals" />
      <Panel title="Candidates" aside={<span className="num text-12 text-muted">newest {query.data.length}</span>}>
        {query.isError && <ErrorState message={messageOf(query.error)} onRetry={() => void query.refetch()} />}
        {query.data.length === 0 ? (
          <EmptyState title="No signal yet">
            Strategies and REST clients propose trades; each proposal is listed here with what policy made of it.
          </EmptyState>
        ) : (
          <SignalsTable rows={query.data} />
        )}
      </Panel>
    </>
  );
}

function SignalsTable({ rows }: { readonly rows: readonly SignalRow[] }) {
  return (
    <ScrollBox label="Signals" className="max-h-[calc(100dvh-196px)]">
      <table className="table" data-testid="signals-table">
        <thead>
          <tr>
            <th scope="col">Time (ET)</th>
            <th scope="col">Trade</th>
            <th scope="col">Strategy</th>
            <th scope="col" className="right">
              Confidence
            </th>
            <th scope="col" className="right">
              Size asked
            </th>
            <th scope="col">Decision</th>
            <th scope="col">Rules hit</th>
            <th scope="col">Became</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <SignalLine key={row.signal.id} row={row} />
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

function SignalLine({ row }: { readonly row: SignalRow }) {
  const { signal } = row;
  return (
    <tr>
      <td>
        <Moment iso={signal.createdAt} />
      </td>
      <td>
        <Link
          href={`/signals/${signal.id}`}
          className="flex items-center gap-1.5 font-medium hover:underline"
          data-testid="signal-link"
        >
          <SideBadge side={signal.action} /> {signal.symbol}
        </Link>
      </td>
      <td className="text-muted">{signal.strategy === '' ? signal.source : signal.strategy}</td>
      <td className="num right">{formatPct(signal.confidence, 0)}</td>
      <td className="num right">{formatPct(signal.sizePct)}</td>
      <td>
        {row.decision === null ? (
          <span className="text-muted">not judged</span>
        ) : (
          <StatusBadge display={DECISION[row.decision]} />
        )}
      </td>
      <td className="text-12 text-muted">{row.codes.length === 0 ? NONE : row.codes.join(', ')}</td>
      <td>
        <Became row={row} />
      </td>
    </tr>
  );
}

/** The order a signal became, else the approval it waits in, else nothing. */
export function Became({ row }: { readonly row: SignalRow }) {
  if (row.orderId !== null) {
    return (
      <Link href={`/orders/${row.orderId}`} className="text-primary hover:underline">
        order <ShortId id={row.orderId} />
      </Link>
    );
  }
  if (row.approvalId !== null) {
    return (
      <Link href={`/approvals/${row.approvalId}`} className="text-primary hover:underline">
        approval <ShortId id={row.approvalId} />
      </Link>
    );
  }
  return <span className="text-muted">{NONE}</span>;
}
