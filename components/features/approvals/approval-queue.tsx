'use client';

import { useState } from 'react';
import { formatAmount, formatQty } from '@/components/format/number';
import { APPROVAL_STATUS } from '@/components/status/approvals';
import type { Approval } from '@/components/trpc/types';
import { SideBadge, StatusBadge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Countdown } from '@/components/ui/countdown';
import { cx } from '@/components/ui/cx';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';
import { EmptyState } from '@/components/ui/states';
import type { RequestGroup } from './groups';
import { RejectOlder } from './reject-older';

function QueueRow({ approval, current }: { readonly approval: Approval; readonly current: boolean }) {
  return (
    <li>
      <Link
        href={`/approvals/${approval.id}`}
        aria-current={current ? 'true' : undefined}
        data-testid="approval-row"
        data-approval-id={approval.id}
        className={cx(
          'block border-b border-border border-l-2 px-3 py-2 hover:bg-sunken',
          current ? 'border-l-primary bg-sunken' : 'border-l-transparent',
        )}
      >
        <span className="flex items-center justify-between gap-2">
          <span className="num flex items-center gap-1.5 font-semibold">
            <SideBadge side={approval.side} /> {formatQty(approval.qty)} {approval.symbol}
          </span>
          {approval.status === 'PENDING' ? (
            <Countdown until={approval.expiresAt} />
          ) : (
            <StatusBadge display={APPROVAL_STATUS[approval.status]} />
          )}
        </span>
        <span className="num mt-0.5 flex items-center justify-between gap-2 text-12 text-muted">
          <span className="truncate">{approval.codes.join(', ')}</span>
          {approval.status === 'PENDING' ? (
            <span>${formatAmount(approval.notional, 0)}</span>
          ) : (
            <Moment iso={approval.decidedAt ?? approval.expiresAt} />
          )}
        </span>
      </Link>
    </li>
  );
}

interface QueueGroupProps {
  readonly group: RequestGroup;
  readonly currentId: string | null;
}

/** More older requests than this are folded away. */
const OLDER_SHOWN = 3;

/** Requests for one trade. Where there are several, the older ones can be rejected together: the newest replaces them. */
function QueueGroup({ group: { requests }, currentId }: QueueGroupProps) {
  const [wanted, setWanted] = useState<boolean | null>(null);
  const [newest, ...older] = requests;
  if (newest === undefined) return null;
  const expanded = older.some(({ id }) => id === currentId) || (wanted ?? older.length <= OLDER_SHOWN);
  return (
    <>
      <QueueRow approval={newest} current={newest.id === currentId} />
      {older.length > 0 && (
        <li className="flex items-center justify-between gap-2 border-b border-border bg-sunken px-2 py-1">
          <Button size="small" variant="ghost" aria-expanded={expanded} onClick={() => setWanted(!expanded)}>
            <span aria-hidden="true">{expanded ? '▾' : '▸'}</span> {older.length} older
            <span className="sr-only">
              {' '}
              requests to {newest.side} {newest.symbol}
            </span>
          </Button>
          <RejectOlder older={older} />
        </li>
      )}
      {expanded &&
        older.map((approval) => <QueueRow key={approval.id} approval={approval} current={approval.id === currentId} />)}
    </>
  );
}

interface ApprovalQueueProps {
  readonly groups: readonly RequestGroup[];
  readonly decided: readonly Approval[];
  readonly currentId: string | null;
}

/** Pending approvals by trade, soonest expiry first, and a tab with the decided ones. */
export function ApprovalQueue({ groups, decided, currentId }: ApprovalQueueProps) {
  const [tab, setTab] = useState<'pending' | 'decided'>('pending');
  const waiting = groups.reduce((sum, { requests }) => sum + requests.length, 0);
  const count = tab === 'pending' ? waiting : decided.length;
  return (
    <div>
      <div className="flex gap-1 border-b border-border p-1">
        <Button
          size="small"
          variant={tab === 'pending' ? 'default' : 'ghost'}
          aria-pressed={tab === 'pending'}
          onClick={() => setTab('pending')}
        >
          Waiting <span className="num">{waiting}</span>
        </Button>
        <Button
          size="small"
          variant={tab === 'decided' ? 'default' : 'ghost'}
          aria-pressed={tab === 'decided'}
          onClick={() => setTab('decided')}
          data-testid="tab-decided"
        >
          Decided
        </Button>
      </div>
      {count === 0 ? (
        <EmptyState title={tab === 'pending' ? 'No approvals waiting' : 'No decisions yet'}>
          {tab === 'pending'
            ? 'Requests that need review appear here and in the alerts.'
            : 'Approved, rejected and expired requests are listed here.'}
        </EmptyState>
      ) : (
        <ul className="max-h-[calc(100dvh-220px)] overflow-y-auto" data-testid={`queue-${tab}`}>
          {tab === 'pending'
            ? groups.map((group) => <QueueGroup key={group.key} group={group} currentId={currentId} />)
            : decided.map((approval) => (
                <QueueRow key={approval.id} approval={approval} current={approval.id === currentId} />
              ))}
        </ul>
      )}
    </div>
  );
}
