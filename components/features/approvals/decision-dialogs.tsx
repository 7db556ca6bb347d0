'use client';

import type { KeyboardEvent } from 'react';
import * as z from 'zod/mini';
import { formatAmount, formatQty } from '@/components/format/number';
import type { ApprovalDetail } from '@/components/trpc/types';
import { Button } from '@/components/ui/button';
import { Countdown } from '@/components/ui/countdown';
import { Dialog, DialogActions, DialogBody } from '@/components/ui/dialog';
import { TextArea } from '@/components/ui/field';
import { reasonSchema } from '@/components/ui/field-schemas';
import { FormDialog } from '@/components/ui/form-dialog';
import { priceTerms } from './terms';

interface DecisionDialogProps {
  readonly open: boolean;
  readonly detail: ApprovalDetail;
  readonly busy: boolean;
  readonly onClose: () => void;
}

function Sentence({ detail }: { readonly detail: ApprovalDetail }) {
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
function refuseEnter(event: KeyboardEvent): void {
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

const rejectSchema = z.object({ reason: reasonSchema });

interface RejectDialogProps extends Pick<DecisionDialogProps, 'open' | 'detail' | 'onClose'> {
  readonly onReject: (reason: string) => Promise<void>;
}

/** The server's answer is shown on the page, beside the approval, so the dialog always closes. */
export function RejectDialog({ open, detail, onClose, onReject }: RejectDialogProps) {
  return (
    <FormDialog
      open={open}
      onClose={onClose}
      title="Reject"
      testId="reject-dialog"
      partsId="reject"
      schema={rejectSchema}
      defaults={{ reason: '' }}
      onSubmit={async ({ reason }) => {
        await onReject(reason);
        return { ok: true };
      }}
      confirm="Reject"
      busyText="Rejecting…"
      confirmVariant="danger"
    >
      {({ register, formState: { errors } }) => (
        <>
          <Sentence detail={detail} />
          <TextArea
            label="Reason"
            hint="At least 3 characters. Kept with the approval and in the audit log."
            error={errors.reason?.message}
            maxLength={500}
            data-autofocus
            data-testid="reject-reason"
            {...register('reason')}
          />
        </>
      )}
    </FormDialog>
  );
}
