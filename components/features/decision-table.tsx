import { formatPct, NONE } from '@/components/format/number';
import { DECISION } from '@/components/status/decisions';
import type { DecisionRow } from '@/components/trpc/types';
import { SideBadge, StatusBadge } from '@/components/ui/badge';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';
import { ScrollBox } from '@/components/ui/scroll-box';

const KINDS: Readonly<Record<string, string>> = {
  ADVISORY: 'Advisory',
  GATE: 'Gate',
  APPROVAL: 'Countersign',
  SUBMIT: 'Before sending',
};

/** Decisions, newest first; each leads to its signal, where the whole story begins. */
export function DecisionTable({ rows }: { readonly rows: readonly DecisionRow[] }) {
  return (
    <ScrollBox label="Decisions">
      <table className="table" data-testid="decision-table">
        <thead>
          <tr>
            <th scope="col">Time (ET)</th>
            <th scope="col">Decision</th>
            <th scope="col">Trade</th>
            <th scope="col">At</th>
            <th scope="col">Strategy</th>
            <th scope="col" className="right">
              Size
            </th>
            <th scope="col">Rules hit</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td>
                <Moment iso={row.createdAt} />
              </td>
              <td>
                <StatusBadge display={DECISION[row.decision]} />
              </td>
              <td>
                <Link
                  href={`/signals/${row.signalId}`}
                  className="flex items-center gap-1.5 font-medium hover:underline"
                >
                  {row.action !== null && <SideBadge side={row.action} />} {row.symbol === '' ? NONE : row.symbol}
                </Link>
              </td>
              <td>{KINDS[row.kind] ?? row.kind}</td>
              <td className="text-muted">{row.strategy === '' ? NONE : row.strategy}</td>
              <td className="num right">{formatPct(row.approvedSizePct)}</td>
              <td className="text-12 text-muted">
                {row.reasons.length === 0 ? NONE : row.reasons.map((hit) => hit.code).join(', ')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
