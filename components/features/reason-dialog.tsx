'use client';

import { type ReactNode, useState } from 'react';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions, DialogBody } from '@/components/ui/dialog';
import { TextArea } from '@/components/ui/field';

interface ReasonDialogProps {
  readonly open: boolean;
  readonly title: string;
  readonly confirm: string;
  readonly busy: boolean;
  readonly problem: string | null;
  readonly onClose: () => void;
  readonly onConfirm: (reason: string) => void;
  readonly testId: string;
  readonly wide?: boolean;
  readonly children: ReactNode;
}

/** An act that needs a reason in the person's own words. */
export function ReasonDialog({
  open,
  title,
  confirm,
  busy,
  problem,
  onClose,
  onConfirm,
  testId,
  wide = false,
  children,
}: ReasonDialogProps) {
  const [reason, setReason] = useState('');
  return (
    <Dialog open={open} onClose={onClose} title={title} testId={testId} wide={wide}>
      <DialogBody>
        {children}
        <TextArea
          label="Reason"
          hint="Kept in the audit log."
          value={reason}
          maxLength={500}
          onChange={(event) => setReason(event.target.value)}
          data-autofocus
          data-testid={`${testId}-reason`}
        />
        <p aria-live="assertive" className="text-danger">
          {problem}
        </p>
      </DialogBody>
      <DialogActions>
        <Button onClick={onClose}>Back</Button>
        <Button
          variant="danger"
          disabled={busy || reason.trim().length < 3}
          onClick={() => onConfirm(reason)}
          data-testid={`${testId}-confirm`}
        >
          {busy ? 'Sending…' : confirm}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
