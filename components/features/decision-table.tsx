import { formatPct } from '@/components/format/number';
import { DECISION } from '@/components/status/decisions';
import type { Column } from '@/components/table/column';
import { Table, type TableProps } from '@/components/table/table';
import type { DecisionRow } from '@/components/trpc/types';
import { SideBadge, StatusBadge } from '@/components/ui/badge';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';

const KINDS: Readonly<Record<string, string>> = {
  ADVISORY: 'Advisory',
  GATE: 'Policy',
  APPROVAL: 'Approval',
  SUBMIT: 'Before sending',
};

const codesOf = ({ reasons }: DecisionRow) => reasons.map(({ code }) => code).join(', ');

const COLUMNS: readonly Column<DecisionRow>[] = [
  { id: 'time', header: 'Time (ET)', width: 124, cell: (row) => <Moment iso={row.createdAt} /> },
  {
    id: 'decision',
    header: 'Decision',
    width: 92,
    cell: (row) => <StatusBadge display={DECISION[row.decision]} />,
  },
  {
    id: 'trade',
    header: 'Trade',
    width: 116,
    cell: (row) => (
      <Link href={`/signals/${row.signalId}`} className="flex items-center gap-1.5 font-medium hover:underline">
        {row.action !== null && <SideBadge side={row.action} />} {row.symbol === '' ? 'signal' : row.symbol}
      </Link>
    ),
  },
  { id: 'kind', header: 'Check', width: 112, cell: (row) => KINDS[row.kind] ?? row.kind },
  { id: 'strategy', header: 'Strategy', width: 80, className: 'text-muted', cell: (row) => row.strategy },
  { id: 'size', header: 'Approved size', width: 108, figure: true, cell: (row) => formatPct(row.approvedSizePct) },
  { id: 'rules', header: 'Rules hit', width: 156, className: 'text-12 text-muted', cell: codesOf, title: codesOf },
];

type DecisionTableProps = Pick<TableProps<DecisionRow>, 'rows' | 'empty' | 'feed' | 'inPlace' | 'error' | 'onRetry'>;

/** Policy decisions, newest first, each with a link to its signal. */
export function DecisionTable(props: DecisionTableProps) {
  return <Table label="Decisions" columns={COLUMNS} rowKey={(row) => row.id} testId="decision-table" {...props} />;
}
