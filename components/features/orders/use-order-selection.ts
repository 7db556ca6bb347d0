'use client';

import { useCallback, useState } from 'react';
import type { Order } from '@/components/trpc/types';

/** The row that the keyboard points at, and the orders that are selected. */
export function useOrderSelection() {
  const [currentId, setCurrentId] = useState<string | null>(null);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());

  const move = useCallback((rows: readonly Order[], step: number) => {
    setCurrentId((id) => {
      const index = rows.findIndex((row) => row.id === id);
      return rows[Math.min(rows.length - 1, Math.max(0, index + step))]?.id ?? null;
    });
  }, []);
  const toggle = useCallback((id: string) => {
    setSelected((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);
  const choose = useCallback((ids: readonly string[]) => setSelected(new Set(ids)), []);
  const clear = useCallback(() => {
    setCurrentId(null);
    setSelected(new Set());
  }, []);
  return { currentId, selected, move, toggle, choose, clear };
}
