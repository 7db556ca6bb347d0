'use client';

import { type QueryClient, type QueryKey, skipToken, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { messageOf } from '@/components/trpc/client';
import { type HeldRows, type Page, refreshed, unseenCount, withPage, withRow } from './row-feed';

/** A query of the first page, as far as a feed needs it. */
interface FirstPage<Row> {
  readonly data: Page<Row> | undefined;
  readonly isPlaceholderData: boolean;
  readonly isError: boolean;
  readonly error: unknown;
  readonly refetch: () => unknown;
}

/** Older pages are loaded once, and held by the feed. */
export const OLDER_PAGE = { staleTime: 0, gcTime: 0 } as const;

interface RowFeedOptions<Row> {
  /** The list's name, under which its held rows are kept. */
  readonly name: string;
  /** What the list shows; another view starts at its top. */
  readonly view: object;
  /** The first page, kept current. While it is placeholder data it still belongs to the view before. */
  readonly query: FirstPage<Row>;
  readonly rowKey: (row: Row) => string;
  readonly loadPage: (cursor: string) => Promise<Page<Row>>;
  /** Keeps rows in their places for another reason than the pointer, such as a selection. */
  readonly hold?: boolean;
}

/** What a table needs of a feed. */
export interface TableFeed {
  /** The reader points at the rows, has scrolled, or moves among them by keyboard; or no longer does. */
  readonly onEngage: (engaged: boolean) => void;
  /** The last rows are in view. */
  readonly onEnd: () => void;
  /** Changes when the list has to start at its top again. */
  readonly topKey: string;
}

export interface RowFeed<Row> {
  readonly rows: readonly Row[] | undefined;
  /** Rows that have come since the reader engaged with the list. */
  readonly unseen: number;
  /** What failed when rows were loaded. */
  readonly error: string | null;
  /** Loads again what failed. */
  readonly retry: () => void;
  readonly showNewest: () => void;
  readonly table: TableFeed;
}

const heldKey = (name: string): QueryKey => ['held-rows', name];

/**
 * A list without end whose rows stay where they are while a person reads it. Rows that come meanwhile are counted; older pages
 * follow as the reader scrolls.
 */
export function useRowFeed<Row>(options: RowFeedOptions<Row>): RowFeed<Row> {
  const { name, view, query, rowKey, loadPage, hold = false } = options;
  const newest = query.data;
  const settled = !query.isPlaceholderData;
  const client = useQueryClient();
  const viewText = JSON.stringify(view);
  const key = useMemo(() => [...heldKey(name), viewText], [name, viewText]);
  const held =
    useQuery<HeldRows<Row> | null>({ queryKey: key, queryFn: skipToken, structuralSharing: false }).data ?? null;
  const [engaged, setEngaged] = useState(false);
  const [topCount, setTopCount] = useState(0);
  const [problem, setProblem] = useState<string | null>(null);
  const loading = useRef(false);

  useEffect(() => () => client.removeQueries({ queryKey: key }), [client, key]);

  const wanted = engaged || hold;
  useEffect(() => {
    if (wanted && held === null && settled && newest !== undefined) client.setQueryData(key, newest);
    if (!wanted && held !== null) client.setQueryData(key, null);
  }, [client, key, wanted, held, settled, newest]);

  const loadMore = useCallback(async () => {
    const cursor = client.getQueryData<HeldRows<Row> | null>(key)?.nextCursor ?? null;
    if (loading.current || cursor === null) return;
    loading.current = true;
    setProblem(null);
    try {
      const page = await loadPage(cursor);
      client.setQueryData<HeldRows<Row> | null>(key, (now) =>
        now?.nextCursor === cursor ? withPage(now, page, rowKey) : now,
      );
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      loading.current = false;
    }
  }, [client, key, loadPage, rowKey]);

  const showNewest = useCallback(() => {
    client.setQueryData(key, null);
    setEngaged(false);
    setTopCount((count) => count + 1);
  }, [client, key]);

  const rows = useMemo(
    () => (held === null || newest === undefined ? newest?.rows : refreshed(held, newest, rowKey)),
    [held, newest, rowKey],
  );
  return {
    rows,
    unseen: held === null || newest === undefined ? 0 : unseenCount(held, newest, rowKey),
    error: query.isError ? messageOf(query.error) : problem,
    retry: () => void (query.isError ? query.refetch() : loadMore()),
    showNewest,
    table: { onEngage: setEngaged, onEnd: () => void loadMore(), topKey: `${viewText} ${topCount}` },
  };
}

/** Puts a row's new version into every held view of a list. */
export function refreshHeldRow<Row>(client: QueryClient, name: string, row: Row, rowKey: (row: Row) => string): void {
  client.setQueriesData<HeldRows<Row> | null>({ queryKey: heldKey(name) }, (held) =>
    held === null || held === undefined ? held : withRow(held, row, rowKey),
  );
}
