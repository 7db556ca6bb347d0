'use client';

import { useState } from 'react';
import type { ApprovalDetail } from '@/components/trpc/types';
import { Button } from '@/components/ui/button';
import { Countdown } from '@/components/ui/countdown';
import { Dialog, DialogActions, DialogBody } from '@/components/ui/dialog';
import { TextField } from '@/components/ui/field';
import {
  type DecisionDialogProps,
  EnterHint,
  refuseEnter,
  Sentence,
  StepUpField,
  type StepUpProps,
} from './approve-dialog';
import { type Less, readLess } from './less';

interface ApproveLessProps extends DecisionDialogProps, StepUpProps {
  readonly onApprove: (less: Less, password: string) => void;
}

/** Approves fewer shares, or a tighter limit, than was proposed. */
export function ApproveLessDialog({ open, onClose, ...rest }: ApproveLessProps) {
  return (
    <Dialog open={open} onClose={onClose} title="Approve less" testId="approve-less-dialog">
      <LessForm onClose={onClose} {...rest} />
    </Dialog>
  );
}

/** Mounted while the dialog is open, so that each opening starts with the terms proposed. */
function LessForm({ detail, busy, needsPassword, onClose, onApprove }: Omit<ApproveLessProps, 'open'>) {
  const { approval } = detail;
  const [input, setInput] = useState(() => termsOf(approval));
  const [password, setPassword] = useState('');
  const { less, problems } = readLess(approval, input);
  return (
    <>
      <DialogBody>
        <Sentence detail={detail} />
        <TextField
          label="Shares"
          hint={`At most ${approval.qty}`}
          error={problems.qty}
          inputMode="decimal"
          value={input.qty}
          onChange={({ target }) => setInput({ ...input, qty: target.value })}
          data-autofocus
          data-testid="less-qty"
        />
        {approval.limitPrice !== null && (
          <TextField
            label="Limit price"
            hint={`${approval.side === 'BUY' ? 'At most' : 'At least'} ${approval.limitPrice}`}
            error={problems.limitPrice}
            inputMode="decimal"
            value={input.limitPrice}
            onChange={({ target }) => setInput({ ...input, limitPrice: target.value })}
            data-testid="less-limit"
          />
        )}
        <p className="text-muted">
          Policy evaluates the reduced order again with current data. The proposal and what you approved of it are both
          kept.
        </p>
        <p>
          Expires in <Countdown until={approval.expiresAt} />.
        </p>
        {needsPassword && <StepUpField value={password} onChange={setPassword} />}
      </DialogBody>
      <DialogActions>
        <EnterHint />
        <Button onClick={onClose}>Back</Button>
        <Button
          variant="primary"
          disabled={busy || less === null || (needsPassword && password === '')}
          onKeyDown={refuseEnter}
          onClick={() => less !== null && onApprove(less, password)}
          data-testid="approve-less-confirm"
        >
          {busy ? 'Sending…' : 'Approve less'}
        </Button>
      </DialogActions>
    </>
  );
}

const termsOf = ({ qty, limitPrice }: ApprovalDetail['approval']) => ({ qty, limitPrice: limitPrice ?? '' });
