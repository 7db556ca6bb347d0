import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { EmptyState } from '@/components/ui/states';
import { type Column, columnsCsv } from './column';
import { Table } from './table';

interface Trade {
  readonly id: string;
  readonly symbol: string;
  readonly qty: number | null;
}

const COLUMNS: readonly Column<Trade>[] = [
  {
    id: 'symbol',
    header: 'Symbol',
    width: 100,
    cell: (row) => row.symbol,
    sort: (row) => row.symbol,
    csv: { symbol: (row) => row.symbol },
  },
  {
    id: 'qty',
    header: 'Quantity',
    width: 100,
    phoneWidth: 64,
    figure: true,
    cell: (row) => row.qty,
    sort: (row) => row.qty,
    csv: { qty: (row) => row.qty, doubled: (row) => (row.qty === null ? null : row.qty * 2) },
  },
  { id: 'act', header: 'Actions', headerHidden: true, width: 80, cell: () => <button type="button">Close…</button> },
];

const TRADES: readonly Trade[] = [
  { id: 'a', symbol: 'MSFT', qty: 9 },
  { id: 'b', symbol: 'AAPL', qty: null },
  { id: 'c', symbol: 'NVDA', qty: 10 },
];

function show(overrides: Partial<Parameters<typeof Table<Trade>>[0]> = {}) {
  return (
    <Table
      label="Trades"
      columns={COLUMNS}
      rows={TRADES}
      rowKey={(row) => row.id}
      rowProps={(row) => ({ 'data-testid': 'trade', 'data-id': row.id })}
      empty={<EmptyState title="No trades" />}
      {...overrides}
    />
  );
}

const order = () => screen.getAllByTestId('trade').map((row) => row.getAttribute('data-id'));
const header = (name: string) => screen.getByRole('columnheader', { name });

describe('Table', () => {
  it('is a table with a name, headers and cells', () => {
    render(show());
    const table = screen.getByRole('table', { name: 'Trades' });
    expect(within(table).getAllByRole('columnheader')).toHaveLength(3);
    expect(within(table).getAllByRole('row')).toHaveLength(4);
    expect(screen.getByRole('region', { name: 'Trades, table' })).toHaveProperty('tabIndex', 0);
  });

  it('shows a dash where there is no value, and aligns figures right', () => {
    render(show());
    const cells = within(screen.getAllByTestId('trade')[1] as HTMLElement).getAllByRole('cell');
    expect(cells[1]?.textContent).toBe('—');
    expect(cells[1]?.className).toContain('right');
    expect(cells[0]?.className).not.toContain('right');
  });

  it('keeps the widths of its columns', () => {
    const { container } = render(show());
    expect([...container.querySelectorAll('col')].map((col) => col.style.width)).toEqual(['100px', '100px', '80px']);
    const onPhone = [...container.querySelectorAll('col')].map((col) => col.style.getPropertyValue('--phone'));
    expect(onPhone).toEqual(['100px', '64px', '80px']);
  });

  it('sorts by keyboard, numbers by size and missing values last', async () => {
    const user = userEvent.setup();
    render(show());
    expect(order()).toEqual(['a', 'b', 'c']);
    within(header('Quantity')).getByRole('button').focus();
    await user.keyboard('{Enter}');
    expect(order()).toEqual(['c', 'a', 'b']);
    expect(header('Quantity').getAttribute('aria-sort')).toBe('descending');
    await user.keyboard(' ');
    expect(order()).toEqual(['a', 'c', 'b']);
    expect(header('Quantity').getAttribute('aria-sort')).toBe('ascending');
    expect(header('Symbol').getAttribute('aria-sort')).toBe('none');
    expect(header('Actions').getAttribute('aria-sort')).toBeNull();
  });

  it('asks the server for another order, and leaves the rows as they came', async () => {
    const onSort = vi.fn();
    const columns = COLUMNS.map((column) => ({ ...column, sort: 'server' as const }));
    render(show({ columns, sort: { column: 'symbol', direction: 'desc' }, onSort }));
    await userEvent.click(within(header('Symbol')).getByRole('button'));
    expect(onSort).toHaveBeenLastCalledWith({ column: 'symbol', direction: 'asc' });
    await userEvent.click(within(header('Quantity')).getByRole('button'));
    expect(onSort).toHaveBeenLastCalledWith({ column: 'qty', direction: 'desc' });
    expect(order()).toEqual(['a', 'b', 'c']);
  });

  it('keeps each row’s element, and the focus in it, when rows arrive above', () => {
    const { rerender } = render(show());
    const before = screen.getAllByTestId('trade')[0];
    const button = within(before as HTMLElement).getByRole('button');
    button.focus();
    rerender(show({ rows: [{ id: 'z', symbol: 'TSLA', qty: 1 }, ...TRADES] }));
    expect(order()).toEqual(['z', 'a', 'b', 'c']);
    expect(screen.getAllByTestId('trade')[1]).toBe(before);
    expect(document.activeElement).toBe(button);
  });

  it('shows that it loads, that it is empty, or what failed with a way to retry', async () => {
    const onRetry = vi.fn();
    const { rerender } = render(show({ rows: undefined }));
    expect(screen.getByRole('status', { name: 'Loading' })).toBeTruthy();
    rerender(show({ rows: [] }));
    expect(screen.getByText('No trades')).toBeTruthy();
    expect(screen.queryByRole('table')).toBeNull();
    rerender(show({ rows: TRADES, error: 'The server did not answer.', onRetry }));
    expect(screen.getByRole('alert').textContent).toContain('The server did not answer.');
    expect(order()).toEqual(['a', 'b', 'c']);
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(onRetry).toHaveBeenCalledOnce();
  });

  describe('with many rows', () => {
    beforeAll(() => {
      // happy-dom does no layout: the box is 640 px high, each row 32 px.
      vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(640);
      vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(32);
    });

    it('keeps only those in view in the document, and says how many there are', () => {
      const rows = Array.from({ length: 5_000 }, (_, index) => ({ id: `r${index}`, symbol: `S${index}`, qty: index }));
      render(show({ rows }));
      const table = screen.getByRole('table', { name: 'Trades' });
      expect(table.getAttribute('aria-rowcount')).toBe('5001');
      const shown = screen.getAllByTestId('trade');
      expect(shown[0]?.getAttribute('data-id')).toBe('r0');
      expect(shown[0]?.getAttribute('aria-rowindex')).toBe('2');
      expect(shown.length).toBeGreaterThan(19);
      expect(shown.length).toBeLessThan(60);
    });
  });
});

describe('columnsCsv', () => {
  it('takes its fields from the columns, exact and safe in a spreadsheet', () => {
    const rows = [...TRADES.slice(0, 2), { id: 'd', symbol: '=1+1', qty: -2 }];
    expect(columnsCsv(COLUMNS, rows)).toBe("symbol,qty,doubled\r\nMSFT,9,18\r\nAAPL,,\r\n'=1+1,-2,-4");
  });
});
