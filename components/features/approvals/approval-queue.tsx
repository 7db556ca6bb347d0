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

interface ApprovalQueueProps {
  readonly pending: readonly Approval[];
  readonly decided: readonly Approval[];
  readonly currentId: string | null;
}

/** Pending approvals, soonest expiry first, and a tab with the decided ones. */
export function ApprovalQueue({ pending, decided, currentId }: ApprovalQueueProps) {
  const [tab, setTab] = useState<'pending' | 'decided'>('pending');
  const rows = tab === 'pending' ? pending : decided;
  return (
    <div>
      <div className="flex gap-1 border-b border-border p-1">
        <Button
          size="small"
          variant={tab === 'pending' ? 'default' : 'ghost'}
          aria-pressed={tab === 'pending'}
          onClick={() => setTab('pending')}
        >
          Waiting <span className="num">{pending.length}</span>
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
      {rows.length === 0 ? (
        <EmptyState title={tab === 'pending' ? 'No approvals waiting' : 'No decisions yet'}>
          {tab === 'pending'
            ? 'Requests that need review appear here and in the alerts.'
            : 'Approved, rejected and expired requests are listed here.'}
        </EmptyState>
      ) : (
        <ul className="max-h-[calc(100dvh-220px)] overflow-y-auto" data-testid={`queue-${tab}`}>
          {rows.map((approval) => (
            <QueueRow key={approval.id} approval={approval} current={approval.id === currentId} />
          ))}
        </ul>
      )}
    </div>
  );
}
