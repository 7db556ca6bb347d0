'use client';

import type { KeyboardEvent } from 'react';
import { formatAmount, formatQty } from '@/components/format/number';
import type { ApprovalDetail } from '@/components/trpc/types';
import { Button } from '@/components/ui/button';
import { Countdown } from '@/components/ui/countdown';
import { Dialog, DialogActions, DialogBody } from '@/components/ui/dialog';
import { priceTerms } from './terms';

export interface DecisionDialogProps {
  readonly open: boolean;
  readonly detail: ApprovalDetail;
  readonly busy: boolean;
  readonly onClose: () => void;
}

/** The order in one sentence. */
export function Sentence({ detail }: { readonly detail: ApprovalDetail }) {
  const { approval } = detail;
  return (
    <p className="num text-14">
      <strong>
        {approval.side} {formatQty(approval.qty)} {approval.symbol}
      </strong>
      , {priceTerms(approval)}, {approval.timeInForce}, about <strong>${formatAmount(approval.notional)}</strong>
    </p>
  );
}

/** Enter never approves: approving takes a click, or Space on the button. */
export function refuseEnter(event: KeyboardEvent): void {
  if (event.key === 'Enter') event.preventDefault();
}

export function ApproveDialog({
  open,
  detail,
  busy,
  onClose,
  onApprove,
}: DecisionDialogProps & { readonly onApprove: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title="Approve and send" testId="approve-dialog">
      <DialogBody>
        <Sentence detail={detail} />
        <p className="text-muted">
          Policy evaluates the order again with current data. If a rule blocks it now, or the price has moved past the
          collar, nothing is sent and you see the rule.
        </p>
        <p>
          Expires in <Countdown until={detail.approval.expiresAt} />.
        </p>
      </DialogBody>
      <DialogActions>
        <Button onClick={onClose} data-autofocus>
          Back
        </Button>
        <Button
          variant="primary"
          disabled={busy}
          onKeyDown={refuseEnter}
          onClick={onApprove}
          data-testid="approve-confirm"
        >
          {busy
            ? 'Sending…'
            : `Approve ${detail.approval.side} ${formatQty(detail.approval.qty)} ${detail.approval.symbol}`}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
