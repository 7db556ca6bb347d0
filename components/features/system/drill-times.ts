import { NONE } from '@/components/format/number';

/** Milliseconds as a person compares them: `840 ms`, `2.94 s`. */
export function formatMs(ms: number | null): string {
  if (ms === null) return NONE;
  return ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(2)} s`;
}

export function formatCount(count: number | null): string {
  return count === null ? NONE : String(count);
}
