import { cx } from '@/components/ui/cx';
import type { Column } from './column';

const ARIA = { asc: 'ascending', desc: 'descending' } as const;

interface SortHeaderProps {
  readonly column: Pick<Column<never>, 'header' | 'headerHidden' | 'headerCell' | 'figure' | 'align' | 'hideOnPhone'>;
  readonly direction: 'asc' | 'desc' | null;
  /** Null where the column does not sort. */
  readonly onSort: (() => void) | null;
}

/** A column's header: plain text, or a button that sorts and, pressed again, reverses the order. */
export function SortHeader({ column, direction, onSort }: SortHeaderProps) {
  const text =
    column.headerCell !== undefined ? (
      column.headerCell()
    ) : column.headerHidden ? (
      <span className="sr-only">{column.header}</span>
    ) : (
      column.header
    );
  return (
    <th
      scope="col"
      aria-sort={onSort === null ? undefined : direction === null ? 'none' : ARIA[direction]}
      className={cx(
        (column.figure || column.align === 'right') && 'right',
        column.hideOnPhone && 'hidden sm:table-cell',
      )}
    >
      {onSort === null ? (
        text
      ) : (
        <button type="button" className="inline-flex items-center gap-1 font-medium hover:text-text" onClick={onSort}>
          {text}
          <span aria-hidden="true" className={cx('w-2', direction === null && 'opacity-0')}>
            {direction === 'asc' ? '▴' : '▾'}
          </span>
        </button>
      )}
    </th>
  );
}
