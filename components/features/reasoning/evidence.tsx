'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { messageOf, useTRPC } from '@/components/trpc/client';
import { ScrollBox } from '@/components/ui/scroll-box';
import { ErrorState, LoadingRows } from '@/components/ui/states';
import type { MemoEvidence } from '@/server/contracts/console/memo';
import { dollarsText, millisecondsText } from './words';

/** The exact prompt, answers and omissions; fetched when opened. */
export function Evidence({ signalId }: { readonly signalId: string }) {
  const trpc = useTRPC();
  const [open, setOpen] = useState(false);
  const query = useQuery({ ...trpc.reasoning.memo.queryOptions({ signalId }), enabled: open });
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)} data-testid="memo-evidence">
      <summary className="w-fit cursor-pointer py-1 text-12 font-medium text-primary">Full prompt and answers</summary>
      {open && query.isError && <ErrorState message={messageOf(query.error)} onRetry={() => void query.refetch()} />}
      {open && query.data === undefined && !query.isError && <LoadingRows rows={4} />}
      {query.data !== undefined && <Words evidence={query.data} />}
    </details>
  );
}

function Words({ evidence }: { readonly evidence: MemoEvidence }) {
  const { prompt, attempts, news, parameters, trimmed, inputHash } = evidence;
  return (
    <div className="flex flex-col gap-3 pt-2">
      {prompt === null && <p className="text-muted">Not sent.</p>}
      {prompt !== null && <Verbatim title="Instructions" text={prompt.system} />}
      {prompt !== null && <Verbatim title="Data" text={prompt.user} />}
      {attempts.map((attempt, index) => (
        <Verbatim
          // biome-ignore lint/suspicious/noArrayIndexKey: attempts never change and have no other name
          key={index}
          title={`Answer ${index + 1}: ${attempt.inputTokens} tokens in, ${attempt.outputTokens} out, ${millisecondsText(attempt.latencyMs)}`}
          text={attempt.answer ?? 'none'}
          {...(attempt.fault === null ? {} : { fault: attempt.fault })}
        />
      ))}
      <p className="text-12 break-words text-muted">
        {news.length} news items supplied · parameters {JSON.stringify(parameters)} · omitted {JSON.stringify(trimmed)}{' '}
        · cost {dollarsText(evidence.memo.cost)} · input {inputHash ?? 'not hashed'}
      </p>
    </div>
  );
}

function Verbatim({ title, text, fault }: { readonly title: string; readonly text: string; readonly fault?: string }) {
  return (
    <section className="min-w-0">
      <h5 className="text-12 font-semibold text-muted">{title}</h5>
      {fault !== undefined && <p className="text-12 text-danger">{fault}</p>}
      <ScrollBox label={title} kind="text" className="max-h-72 rounded-sm border border-border bg-sunken">
        <pre className="p-2 font-mono text-12 break-words whitespace-pre-wrap">{text}</pre>
      </ScrollBox>
    </section>
  );
}
