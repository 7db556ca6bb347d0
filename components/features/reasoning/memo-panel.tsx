'use client';

import type { ReactNode } from 'react';
import { DECISION } from '@/components/status/decisions';
import { Badge, StatusBadge } from '@/components/ui/badge';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';
import { Fact } from '@/components/ui/panel';
import type { MemoView, VerdictWithoutMemo } from '@/server/contracts/console/memo';
import { Evidence } from './evidence';
import { dollarsText, faultText, flagText, millisecondsText, VERDICT, verdictOf, writerText } from './words';

interface MemoPanelProps {
  readonly memo: MemoView;
  /** Policy's decision without and with the memo; null where no evaluation used it. */
  readonly withoutMemo: VerdictWithoutMemo | null;
  readonly decision: VerdictWithoutMemo['decision'] | null;
}

/**
 * A memo with its cost and its effect on the decision. Its content is untrusted: it is shown as text, never as markup,
 * and addresses in it are not links.
 */
export function MemoPanel({ memo, withoutMemo, decision }: MemoPanelProps) {
  const verdict = VERDICT[verdictOf(memo)];
  return (
    <div data-testid="memo" className="flex flex-col gap-3 px-3 py-3">
      <div className="flex flex-wrap items-center gap-2">
        <StatusBadge display={verdict} />
        {memo.slow && (
          <Badge tone="warn" title="Took longer than 8 s">
            <span aria-hidden="true">◷</span> Slow
          </Badge>
        )}
        {memo.status !== 'DISABLED' && (
          <span className="text-12 text-muted" data-testid="memo-writer">
            {memo.status === 'OK' ? 'written by' : 'requested from'} {writerText(memo)}
          </span>
        )}
      </div>
      <Effect withoutMemo={withoutMemo} decision={decision} />
      {memo.fault !== null && (
        <p className={memo.status === 'FAILED' ? 'text-danger' : 'text-muted'} data-testid="memo-fault">
          {faultText(memo.fault)}
        </p>
      )}
      <Texts memo={memo} />
      <Risks memo={memo} />
      <Cited memo={memo} />
      <Figures memo={memo} />
      <Evidence signalId={memo.signalId} />
    </div>
  );
}

/** The memo's effect: the decision without it and with it. */
function Effect({ withoutMemo, decision }: Pick<MemoPanelProps, 'withoutMemo' | 'decision'>) {
  if (withoutMemo === null || decision === null) return null;
  const same = withoutMemo.decision === decision;
  return (
    <p data-testid="memo-effect" className="flex flex-wrap items-center gap-x-1.5 gap-y-1">
      <span className="text-muted">Without the memo:</span>
      <StatusBadge display={DECISION[withoutMemo.decision]} />
      {same ? (
        <span className="text-muted">The memo did not change the decision</span>
      ) : (
        <>
          <span className="text-muted">with it:</span>
          <StatusBadge display={DECISION[decision]} />
        </>
      )}
    </p>
  );
}

function Texts({ memo }: { readonly memo: MemoView }) {
  if (memo.thesis === null && memo.counterThesis === null) return null;
  return (
    <div className="grid gap-3 lg:grid-cols-2">
      <Text title="Thesis">{memo.thesis}</Text>
      <Text title="Counter-thesis">{memo.counterThesis}</Text>
    </div>
  );
}

function Text({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <div className="min-w-0">
      <h4 className="text-12 font-semibold text-muted">{title}</h4>
      <p className="max-w-[72ch] break-words whitespace-pre-line">{children}</p>
    </div>
  );
}

function Risks({ memo: { riskFlags, riskNotes } }: { readonly memo: MemoView }) {
  if (riskFlags.length === 0 && riskNotes.length === 0) return null;
  return (
    <div>
      <h4 className="mb-1 text-12 font-semibold text-muted">Risks</h4>
      <ul aria-label="Risk flags" className="flex flex-wrap gap-1">
        {riskFlags.map((flag) => (
          <li key={flag}>
            <Badge tone="warn">{flagText(flag)}</Badge>
          </li>
        ))}
      </ul>
      {riskNotes.length > 0 && (
        <ul aria-label="Risk notes" className="mt-1 list-disc pl-4">
          {riskNotes.map((note) => (
            <li key={note} className="break-words">
              {note}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Cited({ memo }: { readonly memo: MemoView }) {
  const { cited, newsSupplied, newsTrimmed } = memo;
  if (newsSupplied === 0) return null;
  return (
    <div>
      <h4 className="mb-1 text-12 font-semibold text-muted">News cited</h4>
      {cited.length === 0 && <p className="text-muted">None of the supplied items.</p>}
      <ul className="flex flex-col gap-1" data-testid="memo-news">
        {cited.map((item) => (
          <li key={item.id} className="min-w-0 break-words">
            {item.headline}{' '}
            <span className="text-12 text-muted">
              {item.source}, <Moment iso={item.publishedAt} />
            </span>
          </li>
        ))}
      </ul>
      <p className="mt-1 text-12 text-muted">
        {newsSupplied} supplied{newsTrimmed > 0 && `, ${newsTrimmed} older ones omitted`}, all before{' '}
        <Moment iso={memo.decidedAt} />
      </p>
    </div>
  );
}

function Figures({ memo }: { readonly memo: MemoView }) {
  return (
    <dl className="grid grid-cols-2 gap-x-4 gap-y-2 sm:grid-cols-3 xl:grid-cols-6">
      <Fact label="Prompt">{memo.promptVersion ?? 'none'}</Fact>
      <Fact label="Tokens in / out">
        {memo.inputTokens.toLocaleString('en-US')} / {memo.outputTokens.toLocaleString('en-US')}
      </Fact>
      <Fact label="Cost">{dollarsText(memo.cost)}</Fact>
      <Fact label="Latency">{millisecondsText(memo.latencyMs)}</Fact>
      <Fact label="Attempts">{memo.attempts}</Fact>
      <Fact label="Requested">
        {memo.cachedFrom === null ? (
          <Moment iso={memo.createdAt} />
        ) : (
          <Link href={`/signals/${memo.cachedFrom}`} className="text-primary underline">
            reused from the same input
          </Link>
        )}
      </Fact>
    </dl>
  );
}
