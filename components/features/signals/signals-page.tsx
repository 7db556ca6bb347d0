'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import { formatPct, NONE } from '@/components/format/number';
import { DECISION } from '@/components/status/decisions';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { SignalRow } from '@/components/trpc/types';
import { SideBadge, StatusBadge } from '@/components/ui/badge';
import { SelectField } from '@/components/ui/field';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';
import { PageHeader, Panel } from '@/components/ui/panel';
import { ScrollBox } from '@/components/ui/scroll-box';
import { EmptyState, ErrorState, LoadingRows } from '@/components/ui/states';
import { Became } from './became';
import { DECISIONS, readView, type SignalsView, writeView } from './view';

const SIGNALS_SHOWN = 200;

interface SignalsPageProps {
  readonly initial: SignalRow[];
  /** The view that `initial` answers. */
  readonly initialView: SignalsView;
}

/** Candidates, what became of each, and the way to its order. Its view is its address. */
export function SignalsPage({ initial, initialView }: SignalsPageProps) {
  const trpc = useTRPC();
  const view = readView(new URLSearchParams(useSearchParams()));
  const same = writeView(view) === writeView(initialView);
  const query = useQuery(
    trpc.signals.list.queryOptions(
      { ...view, limit: SIGNALS_SHOWN },
      { placeholderData: keepPreviousData, ...(same ? { initialData: initial } : {}) },
    ),
  );
  const rows = query.data ?? [];
  const plain = writeView(view) === '/signals';
  return (
    <>
      <PageHeader
        title="Signals"
        aside={
          <Link href="/strategies" className="text-12 text-primary underline">
            Strategies
          </Link>
        }
      />
      <Panel title="Candidates" aside={<Toolbar view={view} shown={rows.length} />}>
        {query.isError && <ErrorState message={messageOf(query.error)} onRetry={() => void query.refetch()} />}
        {query.isPending && <LoadingRows rows={12} />}
        {query.data !== undefined && rows.length === 0 && (
          <EmptyState title={plain ? 'No signal yet' : 'No signal matches'}>
            {plain
              ? 'Strategies and REST clients propose trades; each proposal is listed here with what policy made of it.'
              : 'Change the filter to see others.'}
          </EmptyState>
        )}
        {rows.length > 0 && <SignalsTable rows={rows} />}
      </Panel>
    </>
  );
}

const FILTER = 'h-7 rounded-sm border border-control bg-surface px-1.5 text-12 text-text';

function Toolbar({ view, shown }: { readonly view: SignalsView; readonly shown: number }) {
  const show = (next: SignalsView) => window.history.replaceState(null, '', writeView(next));
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1 text-12 text-muted">
      <span className="num">newest {shown}</span>
      <SelectField
        label="Decision"
        value={view.decision ?? 'ALL'}
        options={DECISIONS}
        onChange={(decision) => show({ ...view, decision: decision === 'ALL' ? null : decision })}
      />
      <label className="inline-flex items-center gap-1.5">
        Strategy
        <input
          value={view.strategy}
          maxLength={100}
          onChange={(event) => show({ ...view, strategy: event.target.value })}
          className={`${FILTER} w-28`}
          data-testid="filter-strategy"
        />
      </label>
      <label className="inline-flex items-center gap-1.5">
        Symbol
        <input
          value={view.symbol}
          maxLength={12}
          onChange={(event) => show({ ...view, symbol: event.target.value.toUpperCase() })}
          className={`${FILTER} w-20`}
          data-testid="filter-symbol"
        />
      </label>
    </span>
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
      <td className="max-w-72 truncate text-12 text-muted" title={row.codes.join(', ')}>
        {row.codes.length === 0 ? NONE : row.codes.join(', ')}
      </td>
      <td>
        <Became row={row} />
      </td>
    </tr>
  );
}
