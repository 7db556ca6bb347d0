'use client';

import {
  type ColumnDef,
  constructSortFn,
  createSortedRowModel,
  rowSortingFeature,
  type SortingState,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import {
  type ComponentProps,
  type CSSProperties,
  type ReactNode,
  type RefObject,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { cx } from '@/components/ui/cx';
import { ScrollBox } from '@/components/ui/scroll-box';
import { ErrorState, LoadingRows } from '@/components/ui/states';
import type { Column } from './column';
import { SortHeader } from './sort-header';
import { type RowProps, TableRow } from './table-row';
import type { TableFeed } from './use-row-feed';
import { VirtualRows } from './virtual-rows';

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });
type Features = typeof features;

/** From this many rows on, only those in view are in the document. */
const VIRTUAL_FROM = 100;

export interface Sort<Id extends string = string> {
  readonly column: Id;
  readonly direction: 'asc' | 'desc';
}

export interface TableProps<Row> {
  /** Names the table for screen readers. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  /** Undefined while they load. */
  readonly rows: readonly Row[] | undefined;
  /** Identifies a row across updates. */
  readonly rowKey: (row: Row) => string;
  readonly rowProps?: (row: Row) => RowProps;
  /** The order of the rows. With `onSort` the server sorts; without it, this is where the reader starts. */
  readonly sort?: Sort;
  readonly onSort?: (sort: Sort) => void;
  /** Shown instead of a table without rows. */
  readonly empty?: ReactNode;
  /** What failed, shown above the rows last loaded. */
  readonly error?: string | null;
  readonly onRetry?: () => void;
  readonly loadingRows?: number;
  /** Tailwind class that limits the height of the scroll box. */
  readonly maxHeight?: string;
  /** Classes of the scroll box, e.g. a border. */
  readonly className?: string;
  readonly testId?: string;
  readonly virtualFrom?: number;
  /** What a press on a row does, beside its controls. */
  readonly onOpen?: (row: Row) => void;
  /** Rows that come move none of the others: each place in the document shows another row. Implied by `feed`. */
  readonly inPlace?: boolean;
  /** Rows that come while the page is open: they never move what a reader is looking at. */
  readonly feed?: TableFeed;
}

/** The console's table: sticky header, 32 px rows, sorting by keyboard, and rows that keep their place on updates. */
export function Table<Row extends object>(props: TableProps<Row>) {
  const { rows, empty, error = null, onRetry, loadingRows = 6 } = props;
  return (
    <>
      {error !== null && <ErrorState message={error} {...(onRetry === undefined ? {} : { onRetry })} />}
      {rows === undefined && error === null && <LoadingRows rows={loadingRows} />}
      {rows !== undefined && rows.length === 0 && empty}
      {rows !== undefined && rows.length > 0 && <Grid {...props} rows={rows} />}
    </>
  );
}

/** Numbers by size, text as a reader would order it. */
const compare = constructSortFn({
  sort: (left: unknown, right: unknown) =>
    typeof left === 'number' && typeof right === 'number'
      ? left - right
      : String(left).localeCompare(String(right), 'en', { numeric: true }),
});

function definitionOf<Row extends object>(column: Column<Row>): ColumnDef<Features, Row> {
  const { id, header, cell, sort } = column;
  return {
    id,
    header,
    cell: ({ row }) => cell(row.original),
    accessorFn: (row) => (typeof sort === 'function' ? (sort(row) ?? undefined) : undefined),
    enableSorting: sort !== undefined,
    sortDescFirst: true,
    sortUndefined: 'last',
    sortFn: compare,
  };
}

const stateOf = (sort: Sort | undefined): SortingState =>
  sort === undefined ? [] : [{ id: sort.column, desc: sort.direction === 'desc' }];

function Grid<Row extends object>({
  label,
  columns,
  rows,
  rowKey,
  rowProps,
  sort,
  onSort,
  maxHeight,
  className,
  testId,
  virtualFrom = VIRTUAL_FROM,
  onOpen,
  feed,
  inPlace = feed !== undefined,
}: TableProps<Row> & { readonly rows: readonly Row[] }) {
  const scrollBox = useRef<HTMLElement>(null);
  const [ownSort, setOwnSort] = useState<SortingState>(() => stateOf(sort));
  const definitions = useMemo(() => columns.map(definitionOf), [columns]);
  const sorting = onSort === undefined ? ownSort : stateOf(sort);
  const table = useTable<Features, Row>({
    features,
    columns: definitions,
    data: rows,
    getRowId: rowKey,
    state: { sorting },
    manualSorting: onSort !== undefined,
    enableSortingRemoval: false,
    enableMultiSort: false,
    onSortingChange: (update) => {
      const [next] = typeof update === 'function' ? update(sorting) : update;
      if (next === undefined) return;
      if (onSort === undefined) setOwnSort([next]);
      else onSort({ column: next.id, direction: next.desc ? 'desc' : 'asc' });
    },
  });
  const shown = table.getRowModel().rows;
  const virtual = shown.length >= virtualFrom;
  const fixed = columns.every(({ width }) => width !== undefined);
  useFeed(scrollBox, feed);
  const keyOf = (id: string, index: number) => (inPlace ? String(index) : id);
  const rowAt = (index: number, placed: Pick<ComponentProps<typeof TableRow<Row>>, 'index' | 'measure'> = {}) => {
    const row = shown[index];
    if (row === undefined) return null;
    const common = { row: row.original, columns, fixed, rowProps, onOpen };
    return <TableRow key={keyOf(row.id, index)} {...common} {...placed} />;
  };
  return (
    <ScrollBox ref={scrollBox} label={label} className={cx(maxHeight ?? (virtual && 'max-h-[480px]'), className)}>
      <table
        className={cx('table', fixed && 'table-fixed min-w-(--narrow) sm:min-w-(--wide)')}
        style={fixed ? widthsOf(columns) : undefined}
        data-testid={testId}
        aria-rowcount={virtual ? shown.length + 1 : undefined}
      >
        <caption className="sr-only">{label}</caption>
        {fixed && (
          <colgroup>
            {columns.map(({ id, width, phoneWidth = width, hideOnPhone }) => (
              <col
                key={id}
                style={{ width, '--phone': `${phoneWidth}px` } as CSSProperties}
                className={cx('max-sm:w-(--phone)!', hideOnPhone && 'hidden sm:table-column')}
              />
            ))}
          </colgroup>
        )}
        <thead>
          <tr aria-rowindex={virtual ? 1 : undefined}>
            {columns.map((column) => {
              const sortable = table.getColumn(column.id);
              return (
                <SortHeader
                  key={column.id}
                  column={column}
                  direction={sortable?.getIsSorted() || null}
                  onSort={sortable?.getCanSort() ? () => sortable.toggleSorting() : null}
                />
              );
            })}
          </tr>
        </thead>
        <tbody>
          {virtual ? (
            <VirtualRows
              keys={shown.map(({ id }, index) => keyOf(id, index))}
              onEnd={feed?.onEnd}
              columnCount={columns.length}
              scrollBox={scrollBox}
              renderRow={(index, measure) => rowAt(index, { index, measure })}
            />
          ) : (
            shown.map((_, index) => rowAt(index))
          )}
        </tbody>
      </table>
    </ScrollBox>
  );
}

/** The least width of a table with fixed columns, on a phone and beyond. */
function widthsOf(columns: readonly Column<never>[]): CSSProperties {
  const sum = (widths: readonly (number | undefined)[]) =>
    widths.reduce<number>((total, width = 0) => total + width, 0);
  const onPhone = columns.filter(({ hideOnPhone }) => hideOnPhone !== true);
  return {
    '--narrow': `${sum(onPhone.map(({ width, phoneWidth = width }) => phoneWidth))}px`,
    '--wide': `${sum(columns.map(({ width }) => width))}px`,
  } as CSSProperties;
}

/** Reports when a reader starts and stops looking at rows, and returns to the top when the feed says so. */
function useFeed(scrollBox: RefObject<HTMLElement | null>, feed: TableFeed | undefined): void {
  const onEngage = feed?.onEngage;
  useEffect(() => {
    const box = scrollBox.current;
    if (box === null || onEngage === undefined) return;
    const report = (event: Event) => {
      // Between two rows the focus is nowhere for a moment: it has not left.
      const moves = event instanceof FocusEvent && event.type === 'focusout' && event.relatedTarget instanceof Node;
      if (moves && box.contains(event.relatedTarget)) return;
      onEngage(box.scrollTop > 0 || box.matches(':hover') || box.matches(':has(:focus-visible)'));
    };
    const events = ['scroll', 'pointerenter', 'pointerleave', 'focusin', 'focusout'] as const;
    for (const event of events) box.addEventListener(event, report, { passive: true });
    return () => {
      for (const event of events) box.removeEventListener(event, report);
    };
  }, [scrollBox, onEngage]);
  const topKey = feed?.topKey;
  useEffect(() => {
    if (topKey !== undefined) scrollBox.current?.scrollTo({ top: 0 });
  }, [scrollBox, topKey]);
}
