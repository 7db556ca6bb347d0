'use client';

import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { useKeys } from '@/components/shell/keys';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { RouterOutputs } from '@/components/trpc/types';
import { Button } from '@/components/ui/button';
import { SelectField } from '@/components/ui/field';
import { PageHeader, Panel } from '@/components/ui/panel';
import { EmptyState, ErrorState, LoadingRows } from '@/components/ui/states';
import { OrdersTable } from './orders-table';
import { type OrdersView, readView, writeView } from './view';

const GROUP_LABEL: Record<NonNullable<OrdersView['group']>, string> = {
  all: 'All',
  working: 'Working',
  filled: 'Filled',
  closed: 'Closed unfilled',
};
const CSV_ROWS = 5_000;

interface OrdersPageProps {
  readonly initial: RouterOutputs['orders']['list'];
  /** The view that `initial` answers. */
  readonly initialView: OrdersView;
}

/** The blotter. Its view is its address: a link shows the same. */
export function OrdersPage({ initial, initialView }: OrdersPageProps) {
  const trpc = useTRPC();
  const router = useRouter();
  const view = readView(new URLSearchParams(useSearchParams()));
  const same = writeView(view) === writeView(initialView);
  const query = useQuery(
    trpc.orders.list.queryOptions(view, {
      placeholderData: keepPreviousData,
      ...(same ? { initialData: initial } : {}),
    }),
  );
  const [currentId, setCurrentId] = useState<string | null>(null);
  const rows = query.data?.rows ?? [];
  const show = (next: OrdersView) => window.history.replaceState(null, '', writeView(next));
  const move = (step: number) => {
    const index = rows.findIndex((row) => row.id === currentId);
    setCurrentId(rows[Math.min(rows.length - 1, Math.max(0, index + step))]?.id ?? null);
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    o: () => currentId !== null && router.push(`/orders/${currentId}`),
  });
  return (
    <>
      <PageHeader title="Orders" />
      <Panel
        title={GROUP_LABEL[view.group ?? 'all']}
        aside={<Toolbar view={view} onView={show} shown={rows.length} total={query.data?.total ?? 0} />}
      >
        {query.isError && <ErrorState message={messageOf(query.error)} onRetry={() => void query.refetch()} />}
        {query.isPending && <LoadingRows rows={12} />}
        {query.data !== undefined && rows.length === 0 && (
          <EmptyState title="No order matches">
            {view.group === 'all' && view.symbol === ''
              ? 'Orders appear here once a decision lets one through.'
              : 'Change the filter to see others.'}
          </EmptyState>
        )}
        {rows.length > 0 && <OrdersTable rows={rows} view={view} currentId={currentId} onView={show} />}
      </Panel>
    </>
  );
}

interface ToolbarProps {
  readonly view: OrdersView;
  readonly onView: (view: OrdersView) => void;
  readonly shown: number;
  readonly total: number;
}

function Toolbar({ view, onView, shown, total }: ToolbarProps) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [saving, setSaving] = useState(false);
  const saveCsv = async () => {
    setSaving(true);
    try {
      const all = await client.fetchQuery(
        trpc.orders.list.queryOptions({ ...view, limit: CSV_ROWS }, { staleTime: 0 }),
      );
      const { downloadText, ordersCsv } = await import('./orders-csv');
      downloadText('orders.csv', ordersCsv(all.rows));
    } finally {
      setSaving(false);
    }
  };
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <span className="num text-12 text-muted">{shown < total ? `${shown} of ${total}` : `${total}`}</span>
      <SelectField
        label="Status"
        value={view.group ?? 'all'}
        options={GROUP_LABEL}
        onChange={(group) => onView({ ...view, group })}
      />
      <label className="inline-flex items-center gap-1.5 text-12 text-muted">
        Symbol
        <input
          value={view.symbol}
          maxLength={12}
          onChange={(event) => onView({ ...view, symbol: event.target.value.toUpperCase() })}
          className="h-7 w-20 rounded-sm border border-control bg-surface px-1.5 text-12 text-text"
          data-testid="filter-symbol"
        />
      </label>
      <Button size="small" disabled={saving || total === 0} onClick={() => void saveCsv()} data-testid="orders-csv">
        {saving ? 'Saving…' : 'CSV'}
      </Button>
    </span>
  );
}
