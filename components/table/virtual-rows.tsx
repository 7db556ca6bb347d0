'use client';

import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, type RefObject, useEffect } from 'react';

const ROW_PX = 32;
const OVERSCAN_ROWS = 12;
/** So many rows before the last one, older rows are loaded. */
const END_ROWS = 40;

interface VirtualRowsProps {
  readonly keys: readonly string[];
  readonly columnCount: number;
  readonly scrollBox: RefObject<HTMLElement | null>;
  /** The last rows are in view. */
  readonly onEnd: (() => void) | undefined;
  readonly renderRow: (index: number, measure: (element: HTMLTableRowElement | null) => void) => ReactNode;
}

/** The rows in view, between two spacers that stand for the others. */
export function VirtualRows({ keys, columnCount, scrollBox, onEnd, renderRow }: VirtualRowsProps) {
  const virtualizer = useVirtualizer<HTMLElement, HTMLTableRowElement>({
    count: keys.length,
    getScrollElement: () => scrollBox.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => keys[index] ?? index,
    overscan: OVERSCAN_ROWS,
    // The server does not know the window: it renders as many rows as fit a usual one.
    initialRect: { width: 1_280, height: 800 },
    useFlushSync: false,
  });
  const items = virtualizer.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  const atEnd = lastShown >= keys.length - END_ROWS;
  // The count of rows is a dependency: a page that was loaded may leave the end in view.
  useEffect(() => {
    if (atEnd && keys.length > 0) onEnd?.();
  }, [atEnd, keys.length, onEnd]);
  const above = items[0]?.start ?? 0;
  const below = virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <>
      <Spacer height={above} columnCount={columnCount} />
      {items.map(({ index }) => renderRow(index, virtualizer.measureElement))}
      <Spacer height={below} columnCount={columnCount} />
    </>
  );
}

function Spacer({ height, columnCount }: { readonly height: number; readonly columnCount: number }) {
  if (height <= 0) return null;
  return (
    <tr>
      <td colSpan={columnCount} style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}
