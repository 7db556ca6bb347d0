'use client';

import { type KeyboardEvent, useState } from 'react';
import { formatAmount, formatQty } from '@/components/format/number';
import type { ApprovalDetail } from '@/components/trpc/types';
import { Button } from '@/components/ui/button';
import { Countdown } from '@/components/ui/countdown';
import { Dialog, DialogActions, DialogBody } from '@/components/ui/dialog';
import { TextField } from '@/components/ui/field';
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

/** Says beside the button why Enter does nothing there. */
export const EnterHint = () => <span className="mr-auto text-12 text-muted">Click or Space; not Enter</span>;

export interface StepUpProps {
  /** The server asks the person for the password again. */
  readonly needsPassword: boolean;
}

interface ApproveProps extends DecisionDialogProps, StepUpProps {
  readonly onApprove: (password: string) => void;
}

export function ApproveDialog({ open, onClose, ...rest }: ApproveProps) {
  return (
    <Dialog open={open} onClose={onClose} title="Approve and send" testId="approve-dialog">
      <ApproveForm onClose={onClose} {...rest} />
    </Dialog>
  );
}

/** Mounted while the dialog is open: a password is typed for one approval. */
function ApproveForm({ detail, busy, needsPassword, onClose, onApprove }: Omit<ApproveProps, 'open'>) {
  const [password, setPassword] = useState('');
  return (
    <>
      <DialogBody>
        <Sentence detail={detail} />
        <p className="text-muted">
          Policy evaluates the order again with current data. If a rule blocks it now, or the price has moved past the
          collar, nothing is sent and you see the rule.
        </p>
        <p>
          Expires in <Countdown until={detail.approval.expiresAt} />.
        </p>
        {needsPassword && <StepUpField value={password} onChange={setPassword} />}
      </DialogBody>
      <DialogActions>
        <EnterHint />
        <Button onClick={onClose}>Back</Button>
        <Button
          data-autofocus
          variant="primary"
          disabled={busy || (needsPassword && password === '')}
          onKeyDown={refuseEnter}
          onClick={() => onApprove(password)}
          data-testid="approve-confirm"
        >
          {busy
            ? 'Sending…'
            : `Approve ${detail.approval.side} ${formatQty(detail.approval.qty)} ${detail.approval.symbol}`}
        </Button>
      </DialogActions>
    </>
  );
}

interface StepUpFieldProps {
  readonly value: string;
  readonly onChange: (password: string) => void;
}

/** The password of a person who approves their own request. */
export function StepUpField({ value, onChange }: StepUpFieldProps) {
  return (
    <TextField
      label="Your password"
      hint="You requested this order. Your approval is marked as your own."
      type="password"
      autoComplete="current-password"
      value={value}
      onChange={({ target }) => onChange(target.value)}
      data-autofocus
      data-testid="approve-password"
    />
  );
}
