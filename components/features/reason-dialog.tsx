'use client';

import type { ReactNode } from 'react';
import * as z from 'zod/mini';
import { TextArea } from '@/components/ui/field';
import { reasonSchema } from '@/components/ui/field-schemas';
import { type Answer, FormDialog } from '@/components/ui/form-dialog';

const schema = z.object({ reason: reasonSchema });

interface ReasonDialogProps {
  readonly open: boolean;
  readonly title: string;
  readonly confirm: string;
  readonly onClose: () => void;
  readonly onSubmit: (reason: string) => Promise<Answer>;
  readonly testId: string;
  readonly wide?: boolean;
  /** A reason to start from. */
  readonly suggested?: string;
  readonly children: ReactNode;
}

/** Confirms an action that needs a reason. */
export function ReasonDialog({ onSubmit, testId, suggested = '', children, ...dialog }: ReasonDialogProps) {
  return (
    <FormDialog
      {...dialog}
      testId={testId}
      partsId={testId}
      schema={schema}
      defaults={{ reason: suggested }}
      onSubmit={({ reason }) => onSubmit(reason)}
      busyText="Sending…"
      confirmVariant="danger"
    >
      {({ register, formState: { errors } }) => (
        <>
          {children}
          <TextArea
            label="Reason"
            hint="At least 3 characters. Kept in the audit log."
            error={errors.reason?.message}
            maxLength={500}
            data-autofocus
            data-testid={`${testId}-reason`}
            {...register('reason')}
          />
        </>
      )}
    </FormDialog>
  );
}
