import { toCsv } from '@/components/table/csv';

export { downloadText } from '@/components/table/csv';

import type { Order } from '@/components/trpc/types';

const HEADER = [
  'id',
  'created_at',
  'symbol',
  'side',
  'qty',
  'type',
  'limit_price',
  'stop_price',
  'time_in_force',
  'status',
  'filled_qty',
  'avg_price',
  'kind',
  'strategy',
  'flags',
  'reject_reason',
  'cancel_attempts',
  'cancel_fault',
];

/** Every row as the filter has it; figures exact, as the server gave them. */
export function ordersCsv(rows: readonly Order[]): string {
  return toCsv(
    HEADER,
    rows.map((row) => [
      row.id,
      row.createdAt,
      row.symbol,
      row.side,
      row.qty,
      row.orderType,
      row.limitPrice ?? '',
      row.stopPrice ?? '',
      row.timeInForce,
      row.status,
      row.cumQty,
      row.avgPrice ?? '',
      row.kind,
      row.strategy,
      row.flags.join(' '),
      row.rejectReason ?? '',
      String(row.cancelAttempts),
      row.cancelFault ?? '',
    ]),
  );
}
