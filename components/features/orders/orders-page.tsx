'use client';

import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useQueryStates } from 'nuqs';
import { useMemo, useState } from 'react';
import { useKeys } from '@/components/shell/keys';
import { useMayOperate } from '@/components/shell/session';
import { Table } from '@/components/table/table';
import { ExportLink, NewRows, RowCount, SymbolFilter, TextFilter, Toolbar } from '@/components/table/toolbar';
import { OLDER_PAGE, useRowFeed } from '@/components/table/use-row-feed';
import { useTRPC } from '@/components/trpc/client';
import type { Order, RouterOutputs } from '@/components/trpc/types';
import { Button } from '@/components/ui/button';
import { SelectField } from '@/components/ui/field';
import { PageHeader, Panel } from '@/components/ui/panel';
import { EmptyState } from '@/components/ui/states';
import { sameView } from '@/components/url-state';
import { CancelDialog, type CancelRequest } from './cancel-dialog';
import { actionColumn, ORDER_COLUMNS, selectColumn } from './order-columns';
import { useOrderSelection } from './use-order-selection';
import { ORDER_GROUPS, ORDER_SORTS, type OrdersView, ordersParams } from './view';

interface OrdersPageProps {
  readonly initial: RouterOutputs['orders']['list'];
  /** The view that `initial` answers. */
  readonly initialView: OrdersView;
}

const keyOf = ({ id }: Order) => id;

/** The blotter: every order there ever was. Its address holds its view, so a link shows the same. */
export function OrdersPage({ initial, initialView }: OrdersPageProps) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const router = useRouter();
  const may = useMayOperate();
  const [view, setView] = useQueryStates(ordersParams);
  const query = useQuery(
    trpc.orders.list.queryOptions(view, {
      placeholderData: keepPreviousData,
      ...(sameView(view, initialView) ? { initialData: initial } : {}),
    }),
  );
  const selection = useOrderSelection();
  const { currentId, selected } = selection;
  const [cancel, setCancel] = useState<CancelRequest | null>(null);
  const feed = useRowFeed({
    name: 'orders',
    view,
    query,
    rowKey: keyOf,
    loadPage: (cursor) => client.fetchQuery(trpc.orders.page.queryOptions({ ...view, cursor }, OLDER_PAGE)),
    hold: currentId !== null || selected.size > 0 || cancel !== null,
  });
  const { rows } = feed;
  const total = query.data?.total ?? 0;
  const chosen = rows?.filter((row) => row.cancellable && selected.has(row.id)) ?? [];
  const open = (id: string) => router.push(`/orders/${id}`);
  const current = rows?.find((row) => row.id === currentId);
  useKeys({
    j: () => selection.move(rows ?? [], 1),
    k: () => selection.move(rows ?? [], -1),
    o: () => current !== undefined && open(current.id),
    x: () => may && current?.cancellable && selection.toggle(current.id),
    Escape: selection.clear,
  });
  const { toggle, choose } = selection;
  const columns = useMemo(() => {
    const cancellable = rows?.filter((row) => row.cancellable) ?? [];
    const all = cancellable.length > 0 && cancellable.every((row) => selected.has(row.id));
    const onToggleAll = () => choose(all ? [] : cancellable.map(keyOf));
    const select = selectColumn({ selected, may, all, onToggle: toggle, onToggleAll });
    return [select, ...ORDER_COLUMNS, actionColumn(may, (row) => setCancel({ orders: [row] }))];
  }, [rows, selected, may, toggle, choose]);
  return (
    <>
      <PageHeader title="Orders" />
      <Panel
        title={ORDER_GROUPS[view.group]}
        aside={
          <Toolbar>
            <NewRows count={feed.unseen} onShow={feed.showNewest} />
            {chosen.length > 0 && (
              <Button
                size="small"
                variant="danger"
                onClick={() => setCancel({ orders: chosen.slice(0, MOST_CANCELS) })}
                data-testid="cancel-selected"
              >
                {chosen.length > MOST_CANCELS
                  ? `Cancel the first ${MOST_CANCELS} of ${chosen.length} selected…`
                  : `Cancel ${chosen.length} selected…`}
              </Button>
            )}
            <RowCount shown={rows?.length ?? 0} total={total} />
            <SelectField
              label="Status"
              value={view.group}
              options={ORDER_GROUPS}
              onChange={(group) => void setView({ group })}
            />
            <TextFilter
              label="Strategy"
              value={view.strategy}
              onChange={(strategy) => void setView({ strategy })}
              testId="filter-strategy"
            />
            <SymbolFilter value={view.symbol} onChange={(symbol) => void setView({ symbol })} testId="filter-symbol" />
            <ExportLink list="orders" filter={view} />
          </Toolbar>
        }
      >
        <Table
          label="Orders"
          columns={columns}
          rows={rows}
          rowKey={keyOf}
          rowProps={(row) => ({
            'data-testid': 'order-row',
            'data-order-id': row.id,
            'data-status': row.status,
            'data-current': row.id === currentId,
          })}
          onOpen={(row) => open(row.id)}
          feed={feed.table}
          sort={{ column: view.sort, direction: view.direction }}
          onSort={({ column, direction }) => {
            const sort = (Object.keys(ORDER_SORTS) as (keyof typeof ORDER_SORTS)[]).find((key) => key === column);
            if (sort !== undefined) void setView({ sort, direction });
          }}
          error={feed.error}
          onRetry={feed.retry}
          loadingRows={12}
          maxHeight="max-h-[calc(100dvh-196px)]"
          testId="orders-table"
          empty={
            <EmptyState title="No matching orders">
              {view.group === 'all' && view.symbol === '' && view.strategy === ''
                ? 'Orders appear here once policy allows one.'
                : 'Change the filter to see others.'}
            </EmptyState>
          }
        />
      </Panel>
      <CancelDialog request={cancel} onClose={() => setCancel(null)} onDone={selection.clear} />
    </>
  );
}

/** The server cancels at most this many at once. */
const MOST_CANCELS = 200;
