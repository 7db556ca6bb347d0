import type { z } from 'zod';
import type { ConsoleReads } from '@/server/application/ports/console-reads';
import {
  type DecisionList,
  decisionListInputSchema,
  type SignalList,
  signalListInputSchema,
} from '@/server/contracts/console/policy';
import { type OrderRow, orderListInputSchema } from '@/server/contracts/order';
import { type CsvFields, csvHeader, csvLines } from '@/server/kernel/csv';

/** Rows read from the database at once. An export of any length holds no more in memory. */
const PAGE_ROWS = 1_000;

type RowOf<List extends { readonly rows: readonly unknown[] }> = List['rows'][number];

const ORDER_FIELDS: CsvFields<OrderRow> = {
  id: (row) => row.id,
  created_at: (row) => row.createdAt,
  symbol: (row) => row.symbol,
  side: (row) => row.side,
  qty: (row) => row.qty,
  type: (row) => row.orderType,
  limit_price: (row) => row.limitPrice,
  stop_price: (row) => row.stopPrice,
  time_in_force: (row) => row.timeInForce,
  status: (row) => row.status,
  filled_qty: (row) => row.cumQty,
  avg_price: (row) => row.avgPrice,
  filled_notional: (row) => row.cumNotional,
  kind: (row) => row.kind,
  strategy: (row) => row.strategy,
  signal_id: (row) => row.signalId,
  approval_id: (row) => row.approvalId,
  broker_order_id: (row) => row.externalOrderId,
  updated_at: (row) => row.updatedAt,
  flags: (row) => row.flags.join(' '),
  reject_reason: (row) => row.rejectReason,
  cancel_attempts: (row) => row.cancelAttempts,
  cancel_fault: (row) => row.cancelFault,
};

const SIGNAL_FIELDS: CsvFields<RowOf<SignalList>> = {
  id: ({ signal }) => signal.id,
  created_at: ({ signal }) => signal.createdAt,
  source: ({ signal }) => signal.source,
  strategy: ({ signal }) => signal.strategy,
  model_version: ({ signal }) => signal.modelVersion,
  symbol: ({ signal }) => signal.symbol,
  action: ({ signal }) => signal.action,
  confidence: ({ signal }) => signal.confidence,
  size_pct: ({ signal }) => signal.sizePct,
  stop_distance_pct: ({ signal }) => signal.stopDistancePct,
  decision: (row) => row.decision,
  rules: (row) => row.codes.join(' '),
  outcome: (row) => row.task?.outcome ?? null,
  detail: (row) => row.task?.detail ?? null,
  order_id: (row) => row.orderId,
  approval_id: (row) => row.approvalId,
};

const DECISION_FIELDS: CsvFields<RowOf<DecisionList>> = {
  id: (row) => row.id,
  created_at: (row) => row.createdAt,
  decision: (row) => row.decision,
  check: (row) => row.kind,
  signal_id: (row) => row.signalId,
  symbol: (row) => row.symbol,
  side: (row) => row.action,
  strategy: (row) => row.strategy,
  approved_size_pct: (row) => row.approvedSizePct,
  policy_version: (row) => row.policyVersion,
  rules: (row) => row.reasons.map(({ code }) => code).join(' '),
};

interface Page<Row> {
  readonly rows: readonly Row[];
  readonly nextCursor: string | null;
}

/** The lines of a list as they are read, page after page. */
export type CsvPages = AsyncGenerator<string, void, undefined>;

/** What an export needs: its filter, read from an address, and the pages that the filter gives. */
interface ExportedList {
  /** The pages of a filter; null for a filter that the list does not have. */
  readonly open: (reads: ConsoleReads, query: Readonly<Record<string, string>>) => CsvPages | null;
}

function exported<Input, Row>(
  schema: z.ZodType<Input>,
  fields: CsvFields<Row>,
  readPage: (reads: ConsoleReads, input: Input) => Promise<Page<Row>>,
): ExportedList {
  return {
    open(reads, query) {
      const first = schema.safeParse({ ...query, cursor: null, limit: PAGE_ROWS });
      return first.success ? pagesOf(fields, (cursor) => readPage(reads, { ...first.data, cursor })) : null;
    },
  };
}

async function* pagesOf<Row>(
  fields: CsvFields<Row>,
  readPage: (cursor: string | null) => Promise<Page<Row>>,
): CsvPages {
  yield csvHeader(fields);
  let cursor: string | null = null;
  do {
    const page: Page<Row> = await readPage(cursor);
    yield csvLines(fields, page.rows);
    cursor = page.nextCursor;
  } while (cursor !== null);
}

/** The lists that the console exports whole, by their name in the address. */
export const EXPORTED_LISTS: Readonly<Record<string, ExportedList>> = {
  orders: exported(orderListInputSchema, ORDER_FIELDS, (reads, input) => reads.ordersPage(input)),
  signals: exported(signalListInputSchema, SIGNAL_FIELDS, (reads, input) => reads.signals(input)),
  decisions: exported(decisionListInputSchema, DECISION_FIELDS, (reads, input) => reads.decisions(input)),
};
