import { toCsv } from '@/components/table/csv';

export { downloadText } from '@/components/table/csv';

import type { BreakRow } from '@/components/trpc/types';

const HEADER = [
  'id',
  'symbol',
  'cause',
  'opened_at',
  'resolved_at',
  'resolved_by',
  'reason',
  'order_id',
  'ours',
  'theirs',
];

/** Every row as the filter has it; both sides' figures as they were written. */
export function breaksCsv(rows: readonly BreakRow[]): string {
  return toCsv(
    HEADER,
    rows.map((row) => [
      row.id,
      row.symbol,
      row.cause,
      row.openedAt,
      row.resolvedAt ?? '',
      row.resolvedBy ?? '',
      row.reason ?? '',
      row.orderId ?? '',
      JSON.stringify(row.ours),
      JSON.stringify(row.theirs),
    ]),
  );
}
