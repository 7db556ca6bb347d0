'use client';

import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useQueryStates } from 'nuqs';
import { formatPct } from '@/components/format/number';
import { DECISION } from '@/components/status/decisions';
import type { Column } from '@/components/table/column';
import { Table } from '@/components/table/table';
import { ExportLink, NewRows, SymbolFilter, TextFilter, Toolbar } from '@/components/table/toolbar';
import { OLDER_PAGE, useRowFeed } from '@/components/table/use-row-feed';
import { useTRPC } from '@/components/trpc/client';
import type { RouterOutputs, SignalRow } from '@/components/trpc/types';
import { SideBadge, StatusBadge } from '@/components/ui/badge';
import { SelectField } from '@/components/ui/field';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';
import { PageHeader, Panel } from '@/components/ui/panel';
import { EmptyState } from '@/components/ui/states';
import { sameView } from '@/components/url-state';
import { SignalOutcome } from './signal-outcome';
import { DECISIONS, type SignalsView, signalsParams } from './view';

const COLUMNS: readonly Column<SignalRow>[] = [
  { id: 'time', header: 'Time (ET)', width: 124, cell: ({ signal }) => <Moment iso={signal.createdAt} /> },
  {
    id: 'trade',
    header: 'Trade',
    width: 116,
    cell: ({ signal }) => (
      <Link
        href={`/signals/${signal.id}`}
        className="flex items-center gap-1.5 font-medium hover:underline"
        data-testid="signal-link"
      >
        <SideBadge side={signal.action} /> {signal.symbol}
      </Link>
    ),
  },
  {
    id: 'strategy',
    header: 'Strategy',
    width: 108,
    className: 'text-muted',
    cell: ({ signal }) => (signal.strategy === '' ? signal.source : signal.strategy),
  },
  {
    id: 'confidence',
    header: 'Confidence',
    width: 96,
    figure: true,
    cell: ({ signal }) => formatPct(signal.confidence, 0),
  },
  {
    id: 'size',
    header: 'Requested size',
    width: 120,
    figure: true,
    cell: ({ signal }) => formatPct(signal.sizePct),
  },
  {
    id: 'decision',
    header: 'Decision',
    width: 108,
    cell: ({ decision }) =>
      decision === null ? (
        <span className="text-muted">not evaluated</span>
      ) : (
        <StatusBadge display={DECISION[decision]} />
      ),
  },
  {
    id: 'rules',
    header: 'Rules hit',
    width: 244,
    className: 'text-12 text-muted',
    cell: ({ codes }) => codes.join(', '),
    title: ({ codes }) => codes.join(', '),
  },
  { id: 'outcome', header: 'Outcome', width: 200, cell: (row) => <SignalOutcome row={row} /> },
];

const keyOf = ({ signal }: SignalRow) => signal.id;

/** An older page is read once: its rows are kept by the feed. */
const ONE_READING = OLDER_PAGE;

interface SignalsPageProps {
  readonly initial: RouterOutputs['signals']['list'];
  /** The view that `initial` answers. */
  readonly initialView: SignalsView;
}

/** Signals with policy's decision, their outcome and the way to their order. The address holds the view. */
export function SignalsPage({ initial, initialView }: SignalsPageProps) {
  const trpc = useTRPC();
  const [view, setView] = useQueryStates(signalsParams);
  const query = useQuery(
    trpc.signals.list.queryOptions(view, {
      placeholderData: keepPreviousData,
      ...(sameView(view, initialView) ? { initialData: initial } : {}),
    }),
  );
  const client = useQueryClient();
  const router = useRouter();
  const feed = useRowFeed({
    name: 'signals',
    view,
    query,
    rowKey: keyOf,
    loadPage: (cursor) => client.fetchQuery(trpc.signals.list.queryOptions({ ...view, cursor }, ONE_READING)),
  });
  const filtered = view.strategy !== '' || view.symbol !== '' || view.decision !== null;
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
      <Panel
        title="Signals"
        aside={
          <Toolbar>
            <NewRows count={feed.unseen} onShow={feed.showNewest} />
            <SelectField
              label="Decision"
              value={view.decision ?? 'ALL'}
              options={DECISIONS}
              onChange={(decision) => void setView({ decision: decision === 'ALL' ? null : decision })}
            />
            <TextFilter
              label="Strategy"
              value={view.strategy}
              onChange={(strategy) => void setView({ strategy })}
              testId="filter-strategy"
            />
            <SymbolFilter value={view.symbol} onChange={(symbol) => void setView({ symbol })} testId="filter-symbol" />
            <ExportLink list="signals" filter={view} />
          </Toolbar>
        }
      >
        <Table
          label="Signals"
          columns={COLUMNS}
          rows={feed.rows}
          rowKey={keyOf}
          feed={feed.table}
          onOpen={({ signal }) => router.push(`/signals/${signal.id}`)}
          error={feed.error}
          onRetry={feed.retry}
          loadingRows={12}
          maxHeight="max-h-[calc(100dvh-196px)]"
          testId="signals-table"
          empty={
            <EmptyState title={filtered ? 'No matching signals' : 'No signals yet'}>
              {filtered
                ? 'Change the filter to see others.'
                : "Signals of strategies and REST clients appear here with policy's decision on each."}
            </EmptyState>
          }
        />
      </Panel>
    </>
  );
}
