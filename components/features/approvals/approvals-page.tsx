'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useKeys } from '@/components/shell/keys';
import { useApprovals, useWaiting } from '@/components/shell/use-status';
import { messageOf } from '@/components/trpc/client';
import type { ApprovalDetail } from '@/components/trpc/types';
import { cx } from '@/components/ui/cx';
import { Link } from '@/components/ui/link';
import { PageHeader } from '@/components/ui/panel';
import { EmptyState, ErrorState } from '@/components/ui/states';
import { ApprovalPanel } from './approval-panel';
import { ApprovalQueue } from './approval-queue';
import { groupRequests } from './groups';

interface ApprovalsPageProps {
  /** Null on the queue's own page, which shows the first pending approval. */
  readonly id: string | null;
  readonly initial?: ApprovalDetail | undefined;
}

/** The queue and the chosen approval. A narrow screen shows one of them at a time. */
export function ApprovalsPage({ id, initial }: ApprovalsPageProps) {
  const router = useRouter();
  const { data, isError, error, refetch } = useApprovals();
  const waiting = useWaiting();
  const groups = groupRequests(waiting);
  const inOrder = groups.flatMap(({ requests }) => requests);
  const first = inOrder[0]?.id ?? null;
  // The approval shown stays while others come and go, so that nobody decides on one that just slid in.
  const [pinned, setPinned] = useState(first);
  if (pinned === null && first !== null) setPinned(first);
  const shown = id ?? pinned ?? first;
  const move = (step: number) => {
    const index = inOrder.findIndex((approval) => approval.id === shown);
    const next = inOrder[Math.max(0, index + step)];
    if (next !== undefined && next.id !== id) router.push(`/approvals/${next.id}`);
  };
  useKeys({ j: () => move(1), k: () => move(-1) });
  return (
    <>
      <PageHeader
        title="Approvals"
        aside={
          id !== null && (
            <Link href="/approvals" className="text-primary underline lg:hidden">
              All approvals
            </Link>
          )
        }
      />
      {isError && <ErrorState message={messageOf(error)} onRetry={() => void refetch()} />}
      <div className="grid items-start gap-3 lg:grid-cols-[300px_minmax(0,1fr)]">
        <section
          aria-label="Queue"
          className={cx('min-w-0 rounded-md border border-border bg-surface', id !== null && 'hidden lg:block')}
        >
          <ApprovalQueue groups={groups} decided={data.decided} currentId={shown} />
        </section>
        <section
          aria-label="Request"
          className={cx('min-w-0 rounded-md border border-border bg-surface', id === null && 'hidden lg:block')}
        >
          {shown === null ? (
            <EmptyState title="No approvals waiting">Choose Decided on the left for past requests.</EmptyState>
          ) : (
            <ApprovalPanel key={shown} id={shown} initial={initial} />
          )}
        </section>
      </div>
    </>
  );
}
