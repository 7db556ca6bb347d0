'use client';

import * as z from 'zod/mini';
import { TextArea } from '@/components/ui/field';
import { reasonSchema } from '@/components/ui/field-schemas';
import { FormDialog } from '@/components/ui/form-dialog';
import { type DecisionDialogProps, Sentence } from './approve-dialog';

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
