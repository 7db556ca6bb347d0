import { formatPct } from '@/components/format/number';
import type { Column } from '@/components/table/column';
import { Table } from '@/components/table/table';
import { SideBadge, StatusBadge } from '@/components/ui/badge';
import { Link } from '@/components/ui/link';
import { Ago, Moment } from '@/components/ui/moment';
import { Panel } from '@/components/ui/panel';
import { EmptyState } from '@/components/ui/states';
import type { MemoRow, ReasoningOverview } from '@/server/contracts/console/reasoning';
import { faultLine } from './provider-state';
import { dollarsText, millisecondsText, VERDICT, verdictOf, writerText } from './words';

/** Why memos are missing, most frequent reason first. */
export function FaultsPanel({ faults }: Pick<ReasoningOverview, 'faults'>) {
  return (
    <Panel title="Missing memos" testId="reasoning-faults">
      {faults.length === 0 ? (
        <EmptyState title="No missing memos in this range" />
      ) : (
        <ul>
          {faults.map((fault) => (
            <li key={fault.code} className="flex gap-3 border-b border-border px-3 py-2 last:border-b-0">
              <span className="num w-12 shrink-0 text-right font-semibold">{fault.count}×</span>
              <span className="min-w-0 flex-1 break-words">{faultLine(fault.newest)}</span>
              <span className="shrink-0 text-12 text-muted">
                <Ago iso={fault.at} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

type ModelRow = ReasoningOverview['models'][number];

const MODEL_COLUMNS: readonly Column<ModelRow>[] = [
  { id: 'model', header: 'Written by', cell: (row) => writerText(row) },
  { id: 'memos', header: 'Memos', figure: true, cell: (row) => row.memos.toLocaleString('en-US') },
  {
    id: 'failed',
    header: 'Failed',
    figure: true,
    cell: (row) => (
      <>
        {row.failed} {row.memos > 0 && `(${formatPct(String((row.failed / row.memos).toFixed(4)), 1)})`}
      </>
    ),
  },
  { id: 'cost', header: 'Cost', figure: true, cell: (row) => dollarsText(row.cost) },
];

/** Memos and failures by model. */
export function ModelsPanel({ models }: Pick<ReasoningOverview, 'models'>) {
  return (
    <Panel title="By model" testId="reasoning-models">
      <Table
        label="By model"
        columns={MODEL_COLUMNS}
        rows={models}
        rowKey={(row) => `${row.provider} ${row.model}`}
        empty={<EmptyState title="No requests in this range" />}
      />
    </Panel>
  );
}

const MEMO_COLUMNS: readonly Column<MemoRow>[] = [
  { id: 'time', header: 'Time (ET)', width: 120, cell: ({ memo }) => <Moment iso={memo.createdAt} /> },
  {
    id: 'signal',
    header: 'Signal',
    width: 128,
    cell: ({ memo, symbol, action }) => (
      <Link href={`/signals/${memo.signalId}`} className="text-primary hover:underline">
        <SideBadge side={action} /> {symbol}
      </Link>
    ),
  },
  {
    id: 'verdict',
    header: 'Recommendation',
    width: 152,
    cell: ({ memo }) => (
      <>
        <StatusBadge display={VERDICT[verdictOf(memo)]} />
        {memo.slow && <span className="ml-1 text-12 text-warn">slow</span>}
      </>
    ),
  },
  {
    id: 'writer',
    header: 'Written by',
    width: 192,
    className: 'text-muted',
    cell: ({ memo }) => writerText(memo),
    title: ({ memo }) => writerText(memo),
  },
  {
    id: 'tokens',
    header: 'Tokens',
    width: 88,
    figure: true,
    cell: ({ memo }) => (memo.inputTokens + memo.outputTokens).toLocaleString('en-US'),
  },
  { id: 'cost', header: 'Cost', width: 88, figure: true, cell: ({ memo }) => dollarsText(memo.cost) },
  { id: 'latency', header: 'Latency', width: 88, figure: true, cell: ({ memo }) => millisecondsText(memo.latencyMs) },
];

/** The newest memos, each a link to its signal. */
export function MemosPanel({ rows }: { readonly rows: readonly MemoRow[] }) {
  return (
    <Panel title="Latest memos" testId="memos">
      <Table
        label="Latest memos"
        columns={MEMO_COLUMNS}
        rows={rows}
        rowKey={({ memo }) => memo.signalId}
        rowProps={() => ({ 'data-testid': 'memo-row' })}
        maxHeight="max-h-[480px]"
        empty={<EmptyState title="No memos yet">A memo is requested for each signal of a strategy.</EmptyState>}
      />
    </Panel>
  );
}
