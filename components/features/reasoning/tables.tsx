import { formatPct } from '@/components/format/number';
import { SideBadge, StatusBadge } from '@/components/ui/badge';
import { Link } from '@/components/ui/link';
import { Ago, Moment } from '@/components/ui/moment';
import { Panel } from '@/components/ui/panel';
import { ScrollBox } from '@/components/ui/scroll-box';
import { EmptyState } from '@/components/ui/states';
import type { MemoRow, ReasoningOverview } from '@/server/contracts/console/reasoning';
import { faultLine } from './provider-state';
import { dollarsText, millisecondsText, VERDICT, verdictOf, writerText } from './words';

/** Why there were no memos, most often first. */
export function FaultsPanel({ faults }: Pick<ReasoningOverview, 'faults'>) {
  return (
    <Panel title="Why there was none" testId="reasoning-faults">
      {faults.length === 0 ? (
        <EmptyState title="No fault in this range" />
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

/** Who wrote, and how often in vain. */
export function ModelsPanel({ models }: Pick<ReasoningOverview, 'models'>) {
  return (
    <Panel title="By model" testId="reasoning-models">
      {models.length === 0 ? (
        <EmptyState title="Nobody was asked" />
      ) : (
        <ScrollBox label="By model">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Written by</th>
                <th scope="col" className="right">
                  Memos
                </th>
                <th scope="col" className="right">
                  Failed
                </th>
                <th scope="col" className="right">
                  Cost
                </th>
              </tr>
            </thead>
            <tbody>
              {models.map((row) => (
                <tr key={`${row.provider} ${row.model}`}>
                  <td>{writerText(row)}</td>
                  <td className="num right">{row.memos.toLocaleString('en-US')}</td>
                  <td className="num right">
                    {row.failed} {row.memos > 0 && `(${formatPct(String((row.failed / row.memos).toFixed(4)), 1)})`}
                  </td>
                  <td className="num right">{dollarsText(row.cost)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollBox>
      )}
    </Panel>
  );
}

/** The newest memos, each a link to its signal. */
export function MemosPanel({ rows }: { readonly rows: readonly MemoRow[] }) {
  return (
    <Panel title="Latest memos" testId="memos">
      {rows.length === 0 ? (
        <EmptyState title="No memo yet">Each signal that a strategy makes is asked about.</EmptyState>
      ) : (
        <ScrollBox label="Latest memos" className="max-h-[480px]">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Time (ET)</th>
                <th scope="col">Signal</th>
                <th scope="col">Recommendation</th>
                <th scope="col">Written by</th>
                <th scope="col" className="right">
                  Tokens
                </th>
                <th scope="col" className="right">
                  Cost
                </th>
                <th scope="col" className="right">
                  Took
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ memo, symbol, action }) => (
                <tr key={memo.signalId} data-testid="memo-row">
                  <td>
                    <Moment iso={memo.createdAt} />
                  </td>
                  <td>
                    <Link href={`/signals/${memo.signalId}`} className="text-primary hover:underline">
                      <SideBadge side={action} /> {symbol}
                    </Link>
                  </td>
                  <td>
                    <StatusBadge display={VERDICT[verdictOf(memo)]} />
                    {memo.slow && <span className="ml-1 text-12 text-warn">slow</span>}
                  </td>
                  <td className="text-muted">{writerText(memo)}</td>
                  <td className="num right">{(memo.inputTokens + memo.outputTokens).toLocaleString('en-US')}</td>
                  <td className="num right">{dollarsText(memo.cost)}</td>
                  <td className="num right">{millisecondsText(memo.latencyMs)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollBox>
      )}
    </Panel>
  );
}
