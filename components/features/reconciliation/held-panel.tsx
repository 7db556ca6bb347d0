import { AGREEMENT } from '@/components/status/execution';
import type { Column } from '@/components/table/column';
import { Table } from '@/components/table/table';
import type { Reconciliation } from '@/components/trpc/types';
import { StatusBadge } from '@/components/ui/badge';
import { Link } from '@/components/ui/link';
import { Panel } from '@/components/ui/panel';
import { EmptyState } from '@/components/ui/states';
import { symbolLabel } from './causes';
import { exactFigure, signedFigure } from './prepare-sides';

type Line = Reconciliation['positions'][number];

const COLUMNS: readonly Column<Line>[] = [
  {
    id: 'symbol',
    header: 'Symbol',
    width: 96,
    className: 'font-semibold',
    cell: (line) => symbolLabel(line.symbol),
  },
  { id: 'ours', header: 'Ours', width: 136, figure: true, cell: (line) => exactFigure(line.ours) },
  {
    id: 'broker',
    header: 'Broker',
    width: 136,
    figure: true,
    cell: (line) => (line.broker === null ? null : exactFigure(line.broker)),
  },
  {
    id: 'difference',
    header: 'Difference',
    width: 128,
    figure: true,
    className: ({ agreement, difference }) =>
      agreement === 'DIFFERS' && difference !== null && Number(difference) !== 0
        ? 'font-semibold text-danger'
        : undefined,
    cell: (line) => signedFigure(line.difference),
  },
  {
    id: 'agreement',
    header: 'Agreement',
    width: 128,
    cell: ({ agreement, breakId }) => {
      const badge = <StatusBadge display={AGREEMENT[agreement]} />;
      return breakId === null ? badge : <Link href={`/reconciliation/breaks/${breakId}`}>{badge}</Link>;
    },
  },
];

/** Cash and every symbol that either side holds. */
export function HeldPanel({ reconciliation }: { readonly reconciliation: Reconciliation }) {
  const { cash, positions } = reconciliation;
  return (
    <Panel title="Cash and positions on both sides" testId="held">
      <Table
        label="Cash and positions"
        columns={COLUMNS}
        rows={cash === null ? positions : [cash, ...positions]}
        rowKey={(line) => line.symbol}
        rowProps={(line) => ({
          'data-testid': 'held-row',
          'data-symbol': line.symbol,
          'data-agreement': line.agreement,
        })}
        maxHeight="max-h-[420px]"
        empty={<EmptyState title="No cash or positions yet">They appear with the first reconciliation.</EmptyState>}
      />
    </Panel>
  );
}
