'use client';

import { useState } from 'react';
import { RuleHits } from '@/components/features/rule-hits';
import { useKeys } from '@/components/shell/keys';
import { useMayOperate } from '@/components/shell/session';
import { APPROVAL_STATUS } from '@/components/status/approvals';
import type { ApprovalDetail } from '@/components/trpc/types';
import { Button } from '@/components/ui/button';
import { lazyDialog } from '@/components/ui/lazy-dialog';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';
import { NoPermission } from '@/components/ui/states';
import { ApproveDialog } from './approve-dialog';
import { type LiveCheck, useCheck } from './use-check';
import { type DecideOutcome, useDecide } from './use-decide';

const ApproveLessDialog = lazyDialog(async () => (await import('./approve-less-dialog')).ApproveLessDialog);
const RejectDialog = lazyDialog(async () => (await import('./reject-dialog')).RejectDialog);

interface DecisionProps {
  readonly detail: ApprovalDetail;
  readonly open: boolean;
}

type DecisionDialog = 'approve' | 'less' | 'reject';

/** Approve, Approve less and Reject with their dialogs, and the server's answer. */
export function Decision({ detail, open }: DecisionProps) {
  const decide = useDecide(detail.approval.id);
  const { refusal } = useCheck(detail.approval.id, open);
  const may = useMayOperate();
  const [dialog, setDialog] = useState<DecisionDialog | null>(null);
  const ready = open && may && !decide.busy;
  const placeable = ready && refusal === null;
  const close = () => setDialog(null);
  const ask = (which: DecisionDialog) => {
    if (which === 'reject' ? ready : placeable) setDialog(which);
  };
  useKeys({ a: () => ask('approve'), r: () => ask('reject') });
  return (
    <>
      <OutcomeNotice outcome={decide.outcome} />
      {open && refusal !== null && <WouldBeRefused refusal={refusal} />}
      <DecideBar open={open} ready={ready} placeable={placeable} onAsk={ask} />
      {!open && <Decided detail={detail} />}
      <Refusals refusals={detail.refusals} />
      <ApproveDialog
        open={dialog === 'approve' && open}
        detail={detail}
        busy={decide.busy}
        onClose={close}
        needsPassword={decide.needsPassword}
        onApprove={(password) => void decide.approve(detail.shownHash, { password }).then(close)}
      />
      <ApproveLessDialog
        open={dialog === 'less' && open}
        detail={detail}
        busy={decide.busy}
        onClose={close}
        needsPassword={decide.needsPassword}
        onApprove={(less, password) => void decide.approve(detail.shownHash, { less, password }).then(close)}
      />
      <RejectDialog open={dialog === 'reject' && open} detail={detail} onClose={close} onReject={decide.reject} />
    </>
  );
}

interface DecideBarProps {
  readonly open: boolean;
  readonly ready: boolean;
  /** Approving would be placed now. */
  readonly placeable: boolean;
  readonly onAsk: (which: DecisionDialog) => void;
}

/** The decisions. On a narrow screen they stay at the bottom, within reach of the thumb. */
function DecideBar({ open, ready, placeable, onAsk }: DecideBarProps) {
  const may = useMayOperate();
  if (!open) return null;
  return (
    <div className="sticky bottom-0 z-10 flex flex-wrap items-center gap-2 border-y border-border bg-surface px-3 py-2 lg:static">
      <Button
        variant="primary"
        size="large"
        disabled={!placeable}
        onClick={() => onAsk('approve')}
        data-testid="approve"
        className="flex-1 sm:flex-none"
      >
        Approve…
      </Button>
      <Button
        size="large"
        disabled={!placeable}
        onClick={() => onAsk('less')}
        data-testid="approve-less"
        className="flex-1 sm:flex-none"
      >
        Approve less…
      </Button>
      <Button
        variant="danger"
        size="large"
        disabled={!ready}
        onClick={() => onAsk('reject')}
        data-testid="reject"
        className="flex-1 sm:flex-none"
      >
        Reject…
      </Button>
      {may ? (
        <span className="hidden text-12 text-muted lg:inline">Keys: a, r</span>
      ) : (
        <NoPermission act="Deciding" needed="operator" />
      )}
    </div>
  );
}

/** What the gate would answer now: what cannot be approved cannot be pressed, and says why. */
function WouldBeRefused({ refusal }: { readonly refusal: NonNullable<LiveCheck['refusal']> }) {
  const codes = refusal.reasons.map(({ code }) => code).join(', ');
  return (
    <div className="border-t border-border bg-warn-bg" data-testid="would-be-refused" aria-live="polite">
      <p className="px-3 py-2 font-medium text-warn">Would be refused now: {codes === '' ? refusal.message : codes}</p>
      {refusal.reasons.length > 0 && (
        <div className="bg-surface">
          <RuleHits hits={refusal.reasons} caption="Rules that would refuse it now" />
        </div>
      )}
    </div>
  );
}

/** Who decided, when and why, with a link to the order. */
function Decided({ detail }: { readonly detail: ApprovalDetail }) {
  const { approval } = detail;
  return (
    <div className="border-y border-border bg-sunken px-3 py-2" data-testid="approval-decided">
      {approval.decidedAt === null ? (
        <p>Expired undecided. Nothing was sent.</p>
      ) : (
        <p>
          {APPROVAL_STATUS[approval.status].label} by {approval.decidedBy ?? 'system'} at{' '}
          <Moment iso={approval.decidedAt} /> ET
          {detail.reason !== null && detail.reason !== '' && <>: “{detail.reason}”</>}{' '}
          {approval.orderId !== null && (
            <Link href={`/orders/${approval.orderId}`} className="text-primary underline" data-testid="approval-order">
              View order
            </Link>
          )}
        </p>
      )}
    </div>
  );
}

/** The server's answer. A rejection names the rules that changed. */
function OutcomeNotice({ outcome }: { readonly outcome: DecideOutcome | null }) {
  return (
    <div aria-live="assertive" data-testid="decide-outcome">
      {outcome !== null && <Notice outcome={outcome} />}
    </div>
  );
}

function Notice({ outcome }: { readonly outcome: DecideOutcome }) {
  switch (outcome.kind) {
    case 'approved':
      return (
        <p className="border-t border-border bg-pos-bg px-3 py-2 text-pos">
          Approved. The order was placed.{' '}
          <Link href={`/orders/${outcome.orderId}`} className="underline" data-testid="approved-order">
            View order
          </Link>
        </p>
      );
    case 'rejected':
      return <p className="border-t border-border bg-sunken px-3 py-2">Rejected. Nothing was sent.</p>;
    case 'failed':
      return (
        <p className="border-t border-border bg-danger-bg px-3 py-2 text-danger">
          {outcome.message} The decision may not have been recorded; check the status below, which comes from the
          server.
        </p>
      );
    case 'refused':
      return (
        <div className="border-t border-border bg-danger-bg">
          <p className="px-3 py-2 font-medium text-danger">{outcome.message}</p>
          {outcome.hits.length > 0 && (
            <div className="bg-surface" data-testid="flipped-rules">
              <RuleHits hits={outcome.hits} caption="Rules that changed" />
            </div>
          )}
        </div>
      );
  }
}

/** Approvals that the server rejected, with the person and the rules that changed. */
function Refusals({ refusals }: Pick<ApprovalDetail, 'refusals'>) {
  if (refusals.length === 0) return null;
  return (
    <div className="border-b border-border px-3 py-2">
      <h3 className="mb-1 text-12 font-semibold text-muted">Rejected approval attempts</h3>
      <ul className="list-disc pl-5">
        {refusals.map((refusal) => (
          <li key={`${refusal.at}${refusal.by}`}>
            {refusal.by}: {refusal.message}{' '}
            {refusal.codes.length > 0 && <code className="font-mono text-12">{refusal.codes.join(', ')}</code>}
          </li>
        ))}
      </ul>
    </div>
  );
}
