'use client';

import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useQueryStates } from 'nuqs';
import { useState } from 'react';
import { useKeys } from '@/components/shell/keys';
import { Table } from '@/components/table/table';
import { CsvButton, RowCount, SymbolFilter, Toolbar } from '@/components/table/toolbar';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { RouterOutputs } from '@/components/trpc/types';
import { SelectField } from '@/components/ui/field';
import { PageHeader, Panel } from '@/components/ui/panel';
import { EmptyState } from '@/components/ui/states';
import { sameView } from '@/components/url-state';
import { ORDER_COLUMNS } from './order-columns';
import { ORDER_GROUPS, ORDER_SORTS, type OrdersView, ordersParams } from './view';

const CSV_ROWS = 5_000;

interface OrdersPageProps {
  readonly initial: RouterOutputs['orders']['list'];
  /** The view that `initial` answers. */
  readonly initialView: OrdersView;
}

/** The blotter. Its address holds its view, so a link shows the same. */
export function OrdersPage({ initial, initialView }: OrdersPageProps) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const router = useRouter();
  const [view, setView] = useQueryStates(ordersParams);
  const query = useQuery(
    trpc.orders.list.queryOptions(view, {
      placeholderData: keepPreviousData,
      ...(sameView(view, initialView) ? { initialData: initial } : {}),
    }),
  );
  const [currentId, setCurrentId] = useState<string | null>(null);
  const rows = query.data?.rows;
  const total = query.data?.total ?? 0;
  const move = (step: number) => {
    const index = rows?.findIndex((row) => row.id === currentId) ?? -1;
    setCurrentId(rows?.[Math.min(rows.length - 1, Math.max(0, index + step))]?.id ?? null);
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    o: () => currentId !== null && router.push(`/orders/${currentId}`),
  });
  const loadAll = async () =>
    (await client.fetchQuery(trpc.orders.list.queryOptions({ ...view, limit: CSV_ROWS }, { staleTime: 0 }))).rows;
  return (
    <>
      <PageHeader title="Orders" />
      <Panel
        title={ORDER_GROUPS[view.group]}
        aside={
          <Toolbar>
            <RowCount shown={rows?.length ?? 0} total={total} />
            <SelectField
              label="Status"
              value={view.group}
              options={ORDER_GROUPS}
              onChange={(group) => void setView({ group })}
            />
            <SymbolFilter value={view.symbol} onChange={(symbol) => void setView({ symbol })} testId="filter-symbol" />
            <CsvButton
              name="orders"
              columns={ORDER_COLUMNS}
              load={loadAll}
              disabled={total === 0}
              testId="orders-csv"
            />
          </Toolbar>
        }
      >
        <Table
          label="Orders"
          columns={ORDER_COLUMNS}
          rows={rows}
          rowKey={(row) => row.id}
          rowProps={(row) => ({
            'data-testid': 'order-row',
            'data-order-id': row.id,
            'data-status': row.status,
            'data-current': row.id === currentId,
          })}
          sort={{ column: view.sort, direction: view.direction }}
          onSort={({ column, direction }) => {
            const sort = (Object.keys(ORDER_SORTS) as (keyof typeof ORDER_SORTS)[]).find((key) => key === column);
            if (sort !== undefined) void setView({ sort, direction });
          }}
          error={query.isError ? messageOf(query.error) : null}
          onRetry={() => void query.refetch()}
          loadingRows={12}
          maxHeight="max-h-[calc(100dvh-196px)]"
          testId="orders-table"
          empty={
            <EmptyState title="No matching orders">
              {view.group === 'all' && view.symbol === ''
                ? 'Orders appear here once policy allows one.'
                : 'Change the filter to see others.'}
            </EmptyState>
          }
        />
      </Panel>
    </>
  );
}
