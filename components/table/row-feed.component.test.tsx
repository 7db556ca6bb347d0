import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, fireEvent, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type { Column } from './column';
import type { Page } from './row-feed';
import { Table } from './table';
import { NewRows } from './toolbar';
import { refreshHeldRow, useRowFeed } from './use-row-feed';

interface Item {
  readonly id: string;
  readonly status: string;
}

const COLUMNS: readonly Column<Item>[] = [
  { id: 'id', header: 'Id', width: 80, cell: (row) => row.id },
  { id: 'status', header: 'Status', width: 80, cell: (row) => row.status },
];

const keyOf = ({ id }: Item) => id;
const items = (...ids: readonly string[]): Item[] => ids.map((id) => ({ id, status: 'working' }));

interface ListProps {
  readonly newest: Page<Item>;
  readonly symbol?: string;
  readonly loadPage?: (cursor: string) => Promise<Page<Item>>;
  readonly hold?: boolean;
  readonly onOpen?: (row: Item) => void;
}

function List({ newest, symbol = '', loadPage = async () => newest, hold = false, onOpen = () => {} }: ListProps) {
  const query = { data: newest, isPlaceholderData: false, isError: false, error: null, refetch: () => undefined };
  const feed = useRowFeed({ name: 'items', view: { symbol }, query, rowKey: keyOf, loadPage, hold });
  return (
    <>
      <NewRows count={feed.unseen} onShow={feed.showNewest} />
      <button type="button" onClick={feed.table.onEnd}>
        end
      </button>
      <Table
        label="Items"
        columns={COLUMNS}
        rows={feed.rows}
        rowKey={keyOf}
        rowProps={(row) => ({ 'data-testid': 'item', 'data-id': row.id })}
        error={feed.error}
        onRetry={feed.retry}
        onOpen={onOpen}
        feed={feed.table}
      />
    </>
  );
}

function setUp(first: ListProps) {
  const client = new QueryClient();
  const wrap = (props: ListProps) => (
    <QueryClientProvider client={client}>
      <List {...props} />
    </QueryClientProvider>
  );
  const { rerender } = render(wrap(first));
  return { client, show: (props: ListProps) => rerender(wrap(props)) };
}

const shown = () => screen.getAllByTestId('item').map((row) => row.getAttribute('data-id'));

/** Scrolls the table as a reader does. */
function scrollTo(top: number) {
  const box = screen.getByRole('region', { name: 'Items, table' });
  box.scrollTop = top;
  fireEvent.scroll(box);
}

describe('a list that new rows arrive in', () => {
  it('follows the newest rows until a reader engages with it', () => {
    const { show } = setUp({ newest: { rows: items('b', 'a'), nextCursor: null } });
    show({ newest: { rows: items('c', 'b', 'a'), nextCursor: null } });
    expect(shown()).toEqual(['c', 'b', 'a']);
    expect(screen.queryByTestId('show-new-rows')).toBeNull();
  });

  it('keeps every row in its place while it is scrolled, and counts what came', async () => {
    const { show } = setUp({ newest: { rows: items('b', 'a'), nextCursor: null } });
    scrollTo(10);
    show({ newest: { rows: items('d', 'c', 'b', 'a'), nextCursor: null } });
    expect(shown()).toEqual(['b', 'a']);
    await userEvent.click(screen.getByRole('button', { name: '↑ 2 new' }));
    expect(shown()).toEqual(['d', 'c', 'b', 'a']);
  });

  it('keeps them while the focus moves from row to row, until it leaves', async () => {
    const { show } = setUp({ newest: { rows: items('b', 'a'), nextCursor: null } });
    scrollTo(10);
    const [first, second] = screen.getAllByTestId('item');
    screen.getByRole('region', { name: 'Items, table' }).scrollTop = 0;
    if (first === undefined || second === undefined) throw new Error('two rows are needed');
    fireEvent.focusOut(first, { relatedTarget: second });
    show({ newest: { rows: items('c', 'b', 'a'), nextCursor: null } });
    expect(shown()).toEqual(['b', 'a']);
    fireEvent.focusOut(second, { relatedTarget: null });
    await waitFor(() => expect(shown()).toEqual(['c', 'b', 'a']));
  });

  it('shows a held row as it is now, also when the filter no longer contains it', () => {
    const { client, show } = setUp({ newest: { rows: items('b', 'a'), nextCursor: null }, hold: true });
    act(() => refreshHeldRow(client, 'items', { id: 'b', status: 'filled' }, keyOf));
    show({ newest: { rows: items('a'), nextCursor: null }, hold: true });
    expect(shown()).toEqual(['b', 'a']);
    expect(screen.getAllByTestId('item')[0]?.textContent).toContain('filled');
  });

  it('updates rows in place: the elements of the document stay the same', () => {
    const { show } = setUp({ newest: { rows: items('b', 'a'), nextCursor: null } });
    const [top] = screen.getAllByTestId('item');
    show({ newest: { rows: items('c', 'b', 'a'), nextCursor: null } });
    expect(screen.getAllByTestId('item')[0]).toBe(top);
  });

  it('starts at the newest rows in another view', () => {
    const { show } = setUp({ newest: { rows: items('b', 'a'), nextCursor: null }, hold: true });
    show({ newest: { rows: items('z'), nextCursor: null }, symbol: 'SPY', hold: true });
    expect(shown()).toEqual(['z']);
  });

  it('adds older pages once each, and offers to retry one that failed', async () => {
    const loadPage = vi
      .fn<(cursor: string) => Promise<Page<Item>>>()
      .mockRejectedValueOnce(new Error('offline'))
      .mockResolvedValueOnce({ rows: items('a', 'z'), nextCursor: null });
    setUp({ newest: { rows: items('b', 'a'), nextCursor: 'after-a' }, hold: true, loadPage });
    await userEvent.click(screen.getByText('end'));
    await userEvent.click(await screen.findByRole('button', { name: /retry|try again/i }));
    expect(shown()).toEqual(['b', 'a', 'z']);
    await userEvent.click(screen.getByText('end'));
    expect(loadPage.mock.calls).toEqual([['after-a'], ['after-a']]);
  });

  it('opens a row that is pressed', async () => {
    const opened: string[] = [];
    setUp({ newest: { rows: items('b', 'a'), nextCursor: null }, onOpen: ({ id }) => opened.push(id) });
    await userEvent.click(screen.getByText('a'));
    expect(opened).toEqual(['a']);
  });
});
