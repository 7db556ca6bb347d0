import { formatSignedPct } from '@/components/format/number';
import type { Column } from '@/components/table/column';
import { Table } from '@/components/table/table';
import { StatusBadge } from '@/components/ui/badge';
import { Pnl } from '@/components/ui/figures';
import { Moment } from '@/components/ui/moment';
import { Panel } from '@/components/ui/panel';
import type { Calibration } from '@/server/contracts/console/reasoning';
import { VERDICT } from './words';

type CalibrationRow = Calibration['rows'][number];

const COLUMNS: readonly Column<CalibrationRow>[] = [
  { id: 'verdict', header: 'Recommendation', cell: (row) => <StatusBadge display={VERDICT[row.verdict]} /> },
  { id: 'memos', header: 'Memos', figure: true, cell: (row) => row.memos },
  { id: 'trades', header: 'Closed trades', figure: true, cell: (row) => row.trades },
  {
    id: 'won',
    header: 'Won',
    figure: true,
    cell: (row) => (row.trades === 0 ? null : `${row.wins} (${((row.wins / row.trades) * 100).toFixed(0)}%)`),
  },
  {
    id: 'return',
    header: 'Average return',
    figure: true,
    cell: (row) => formatSignedPct(row.averageReturnPct, 3),
  },
  { id: 'pnl', header: 'P&L', align: 'right', cell: (row) => <Pnl value={row.trades === 0 ? null : row.pnl} /> },
];

/** Recommendations of memos against the results of their trades. */
export function CalibrationPanel({ calibration }: { readonly calibration: Calibration }) {
  const traded = calibration.rows.some(({ trades }) => trades > 0);
  return (
    <Panel
      title="Recommendation against outcome"
      testId="calibration"
      aside={
        <span className="text-12 text-muted">
          since <Moment iso={calibration.since} />, before fees
        </span>
      }
    >
      <Table
        label="Recommendation against outcome"
        columns={COLUMNS}
        rows={calibration.rows}
        rowKey={(row) => row.verdict}
        rowProps={() => ({ 'data-testid': 'calibration-row' })}
      />
      <p className="border-t border-border px-3 py-2 text-12 text-muted">
        {traded
          ? 'If memos help, trades after Allow do better than trades after Avoid. A few trades prove nothing.'
          : 'A trade counts once its position is closed.'}
      </p>
    </Panel>
  );
}
