import { NONE } from '@/components/format/number';
import { AGREEMENT } from '@/components/status/execution';
import type { Reconciliation } from '@/components/trpc/types';
import { StatusBadge } from '@/components/ui/badge';
import { cx } from '@/components/ui/cx';
import { Link } from '@/components/ui/link';
import { Panel } from '@/components/ui/panel';
import { ScrollBox } from '@/components/ui/scroll-box';
import { EmptyState } from '@/components/ui/states';
import { symbolLabel } from './causes';
import { exactFigure, signedFigure } from './prepare-sides';

type Line = Reconciliation['positions'][number];

/** Cash and positions of both sides: every symbol that either side holds. */
export function HeldPanel({ reconciliation }: { readonly reconciliation: Reconciliation }) {
  const { cash, positions } = reconciliation;
  const lines = cash === null ? positions : [cash, ...positions];
  return (
    <Panel title="Cash and positions, both sides" testId="held">
      {lines.length === 0 ? (
        <EmptyState title="Nothing is held">Cash and positions appear with the first reconciliation.</EmptyState>
      ) : (
        <ScrollBox label="Cash and positions" className="max-h-[420px]">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Symbol</th>
                {['Ours', "Broker's", 'Difference'].map((label) => (
                  <th key={label} scope="col" className="right">
                    {label}
                  </th>
                ))}
                <th scope="col">Agreement</th>
              </tr>
            </thead>
            <tbody>
              {lines.map((line) => (
                <HeldRow key={line.symbol} line={line} />
              ))}
            </tbody>
          </table>
        </ScrollBox>
      )}
    </Panel>
  );
}

function HeldRow({ line }: { readonly line: Line }) {
  const badge = <StatusBadge display={AGREEMENT[line.agreement]} />;
  const none = line.difference === null || Number(line.difference) === 0;
  return (
    <tr data-testid="held-row" data-symbol={line.symbol} data-agreement={line.agreement}>
      <td className="font-semibold">{symbolLabel(line.symbol)}</td>
      <td className="num right">{exactFigure(line.ours)}</td>
      <td className="num right">{line.broker === null ? NONE : exactFigure(line.broker)}</td>
      <td className={cx('num right', line.agreement === 'DIFFERS' && !none && 'font-semibold text-danger')}>
        {signedFigure(line.difference)}
      </td>
      <td>{line.breakId === null ? badge : <Link href={`/reconciliation/breaks/${line.breakId}`}>{badge}</Link>}</td>
    </tr>
  );
}
