import { formatSignedPct } from '@/components/format/number';
import { StatusBadge } from '@/components/ui/badge';
import { Pnl } from '@/components/ui/figures';
import { Moment } from '@/components/ui/moment';
import { Panel } from '@/components/ui/panel';
import { ScrollBox } from '@/components/ui/scroll-box';
import type { Calibration } from '@/server/contracts/console/reasoning';
import { VERDICT } from './words';

/** What the memos said, against what the trades brought. */
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
      <ScrollBox label="Recommendation against outcome">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Recommendation</th>
              <th scope="col" className="right">
                Memos
              </th>
              <th scope="col" className="right">
                Trades ended
              </th>
              <th scope="col" className="right">
                Won
              </th>
              <th scope="col" className="right">
                Average return
              </th>
              <th scope="col" className="right">
                P&L
              </th>
            </tr>
          </thead>
          <tbody>
            {calibration.rows.map((row) => (
              <tr key={row.verdict} data-testid="calibration-row">
                <td>
                  <StatusBadge display={VERDICT[row.verdict]} />
                </td>
                <td className="num right">{row.memos}</td>
                <td className="num right">{row.trades}</td>
                <td className="num right">
                  {row.trades === 0 ? '—' : `${row.wins} (${((row.wins / row.trades) * 100).toFixed(0)}%)`}
                </td>
                <td className="num right">{formatSignedPct(row.averageReturnPct, 3)}</td>
                <td className="right">
                  <Pnl value={row.trades === 0 ? null : row.pnl} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
      <p className="border-t border-border px-3 py-2 text-12 text-muted">
        {traded
          ? 'A reasoner that knows something lets its Allow do better than its Avoid. Few trades prove nothing.'
          : 'A trade counts once what was bought is sold again.'}
      </p>
    </Panel>
  );
}
