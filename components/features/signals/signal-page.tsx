'use client';

import { useQuery } from '@tanstack/react-query';
import { FeatureFacts } from '@/components/features/market/feature-figures';
import { OrderResult } from '@/components/features/orders/result-panel';
import { MemoPanel } from '@/components/features/reasoning/memo-panel';
import { RuleHits } from '@/components/features/rule-hits';
import { formatPct, NONE } from '@/components/format/number';
import { formatDuration } from '@/components/format/time';
import { DECISION } from '@/components/status/decisions';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { SignalDetail } from '@/components/trpc/types';
import { SideBadge, StatusBadge } from '@/components/ui/badge';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';
import { Fact, PageHeader, Panel } from '@/components/ui/panel';
import { EmptyState, ErrorState } from '@/components/ui/states';
import { Trail } from '@/components/ui/trail';
import { decisive, strictestFirst } from './decisive';
import { type ConfidencePart, explainConfidence } from './explain-confidence';
import { SignalOutcome } from './signal-outcome';
import { taskText } from './view';

const DECISION_TITLE: Readonly<Record<string, string>> = {
  ADVISORY: 'Advisory decision',
  GATE: 'Policy decision',
  APPROVAL: 'Decision at approval',
  SUBMIT: 'Decision before sending',
};

/** How the confidence follows from the features. */
function ConfidenceLine({ parts }: { readonly parts: readonly ConfidencePart[] | null }) {
  return (
    <p className="num border-b border-border px-3 py-2" data-testid="confidence-parts">
      <span className="text-muted">Confidence: </span>
      {parts === null
        ? 'stated by the client, not computed from features.'
        : parts.map(({ label, weight, value }, index) => (
            <span key={label}>
              {index > 0 && ' + '}
              {weight} × <b className="font-semibold">{value.toFixed(2)}</b> {label}
            </span>
          ))}
    </p>
  );
}

/** Time from the signal to its decision. */
function tookText(from: string, to: string): string {
  const ms = Date.parse(to) - Date.parse(from);
  return ms < 1_000 ? `${Math.max(0, ms)} ms` : formatDuration(ms / 1_000);
}

/** The memo, with policy's decision without it at the newest evaluation that used it. */
function Memo({ detail: { memo, evaluations } }: { readonly detail: SignalDetail }) {
  if (memo === null) {
    return (
      <EmptyState title="No memo">
        None was requested, or its answer is pending. A pending memo counts as failed.
      </EmptyState>
    );
  }
  const judged = evaluations.find(({ withoutMemo }) => withoutMemo !== null);
  return <MemoPanel memo={memo} withoutMemo={judged?.withoutMemo ?? null} decision={judged?.decision ?? null} />;
}

/** The rules that decided, in one sentence above everything else. */
function Why({ evaluations }: Pick<SignalDetail, 'evaluations'>) {
  const newest = evaluations[0];
  if (newest === undefined || newest.decision === 'APPROVE') return null;
  const rules = decisive(newest);
  return (
    <p className="rounded-md border border-border bg-surface px-3 py-2" data-testid="signal-why">
      <strong>{DECISION[newest.decision].label}:</strong> {rules.map(({ message }) => message).join('; ')}{' '}
      <span className="text-muted">({rules.map(({ code }) => code).join(', ')})</span>
    </p>
  );
}

/** One signal: why it was decided so, its request, the features and the memo. */
export function SignalPage({ initial }: { readonly initial: SignalDetail }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.signals.get.queryOptions({ id: initial.row.signal.id }, { initialData: initial }));
  const { row, evaluations, features } = query.data;
  const { signal } = row;
  return (
    <>
      <Trail href="/signals" title="Signals" id={signal.id} />
      <PageHeader
        title={
          <>
            <SideBadge side={signal.action} /> {signal.symbol}
            {row.decision !== null && <StatusBadge display={DECISION[row.decision]} />}
          </>
        }
        aside={<SignalOutcome row={row} />}
      />
      {query.isError && <ErrorState message={messageOf(query.error)} onRetry={() => void query.refetch()} />}
      <div className="flex flex-col gap-3">
        <Why evaluations={evaluations} />
        {row.orderId !== null && <OrderResult orderId={row.orderId} />}
        {evaluations.length === 0 && (
          <Panel title="Decisions">
            <EmptyState title="Not evaluated yet" />
          </Panel>
        )}
        {evaluations.map((evaluation) => (
          <Panel
            key={evaluation.id}
            title={DECISION_TITLE[evaluation.kind] ?? evaluation.kind}
            aside={
              <span className="num flex items-center gap-2 text-12 text-muted">
                policy {evaluation.policyVersion} · {evaluation.stage} · size {formatPct(evaluation.approvedSizePct)} ·{' '}
                <Moment iso={evaluation.createdAt} />
                <StatusBadge display={DECISION[evaluation.decision]} />
              </span>
            }
          >
            <RuleHits hits={strictestFirst(evaluation.reasons)} caption="Rules hit" />
          </Panel>
        ))}
        <Panel title="Signal">
          <dl className="grid grid-cols-2 gap-x-4 gap-y-2 p-3 sm:grid-cols-4">
            <Fact label="Strategy">{signal.strategy === '' ? signal.source : signal.strategy}</Fact>
            <Fact label="Version">{signal.modelVersion === '' ? NONE : signal.modelVersion}</Fact>
            <Fact label="Confidence">{formatPct(signal.confidence, 0)}</Fact>
            <Fact label="Requested size">{formatPct(signal.sizePct)} of equity</Fact>
            <Fact label="Stop distance">{formatPct(signal.stopDistancePct)}</Fact>
            <Fact label="Reasoning">
              {signal.reasoning === null
                ? 'not requested'
                : `${signal.reasoning.status} ${signal.reasoning.recommendation ?? ''}`}
            </Fact>
            <Fact label="Created">
              <Moment iso={signal.createdAt} /> ET
            </Fact>
            <Fact label="Expires">
              <Moment iso={signal.expiresAt} /> ET
            </Fact>
            <Fact label="Outcome" className="col-span-2">
              {taskText(row.task)}
            </Fact>
            {row.task !== null && row.task.doneAt !== null && (
              <Fact label="Decided within">{tookText(row.task.createdAt, row.task.doneAt)}</Fact>
            )}
          </dl>
        </Panel>
        <Panel
          title="Features"
          aside={
            <span className="flex items-center gap-3 text-12 text-muted">
              {features !== null && (
                <span>
                  bar until <Moment iso={features.at} /> ET
                </span>
              )}
              <Link href={`/market?symbol=${signal.symbol}`} className="text-primary underline">
                chart
              </Link>
            </span>
          }
        >
          {features === null ? (
            <EmptyState title="No features">
              The signal came from a client, or before there were enough bars.
            </EmptyState>
          ) : (
            <>
              <ConfidenceLine parts={explainConfidence(signal.action, signal.confidence, features)} />
              <FeatureFacts features={features} />
            </>
          )}
        </Panel>
        <Panel title="Reasoning memo">
          <Memo detail={query.data} />
        </Panel>
      </div>
    </>
  );
}
