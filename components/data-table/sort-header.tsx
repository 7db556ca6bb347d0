'use client';

import { cx } from '@/components/ui/cx';

interface SortHeaderProps<Key extends string> {
  readonly label: string;
  readonly column: Key;
  readonly sort: Key;
  readonly direction: 'asc' | 'desc';
  readonly right?: boolean;
  readonly onSort: (column: Key, direction: 'asc' | 'desc') => void;
}

const ARIA = { asc: 'ascending', desc: 'descending' } as const;

/** A column that sorts: a click, and a click again for the other way. */
export function SortHeader<Key extends string>({
  label,
  column,
  sort,
  direction,
  right = false,
  onSort,
}: SortHeaderProps<Key>) {
  const active = sort === column;
  return (
    <th scope="col" aria-sort={active ? ARIA[direction] : 'none'} className={cx(right && 'right')}>
      <button
        type="button"
        className="inline-flex items-center gap-1 font-medium hover:text-text"
        onClick={() => onSort(column, active && direction === 'desc' ? 'asc' : 'desc')}
      >
        {label}
        <span aria-hidden="true" className={cx('w-2', !active && 'opacity-0')}>
          {direction === 'asc' ? '▴' : '▾'}
        </span>
      </button>
    </th>
  );
}
