'use client';

import { useVirtualizer } from '@tanstack/react-virtual';
import type { ReactNode, RefObject } from 'react';

const ROW_PX = 32;
const OVERSCAN_ROWS = 12;

interface VirtualRowsProps {
  readonly keys: readonly string[];
  readonly columnCount: number;
  readonly scrollBox: RefObject<HTMLElement | null>;
  readonly renderRow: (index: number, measure: (element: HTMLTableRowElement | null) => void) => ReactNode;
}

/** The rows in view, between two spacers that stand for the others. */
export function VirtualRows({ keys, columnCount, scrollBox, renderRow }: VirtualRowsProps) {
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
