'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { type ReactNode, useRef, useState } from 'react';
import { type DefaultValues, type FieldValues, type Path, type UseFormReturn, useForm } from 'react-hook-form';
import type { $ZodType } from 'zod/v4/core';
import { messageOf } from '@/components/trpc/client';
import { Button } from './button';
import { Dialog, DialogActions, DialogBody } from './dialog';

/** What the server answered. A message says why not, and what to do. */
export type Answer = { readonly ok: true } | { readonly ok: false; readonly message: string };

interface FormDialogProps<Input extends FieldValues, Output> {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly testId: string;
  /** Prefix of the test ids of its parts: `…-problem` and `…-confirm`. */
  readonly partsId: string;
  readonly wide?: boolean;
  /** Checks the fields and turns their text into what is sent. */
  readonly schema: $ZodType<Output, Input>;
  readonly defaults: DefaultValues<NoInfer<Input>>;
  /** Sends the values; the dialog closes when the answer is ok. */
  readonly onSubmit: (values: Output) => Promise<Answer>;
  readonly confirm: string;
  /** The confirm button while the request is under way. */
  readonly busyText: string;
  readonly confirmVariant?: 'primary' | 'danger';
  /** The role does not allow it. */
  readonly locked?: boolean;
  /** A password field, emptied after each attempt. */
  readonly secret?: Path<Input>;
  readonly children: (form: UseFormReturn<Input, unknown, Output>) => ReactNode;
}

/** The form of every dialog: fields checked by a schema, one request at a time, and the server's answer. */
export function FormDialog<Input extends FieldValues, Output>(props: FormDialogProps<Input, Output>) {
  const { open, onClose, title, testId, wide = false } = props;
  return (
    <Dialog open={open} onClose={onClose} title={title} testId={testId} wide={wide}>
      <DialogForm {...props} />
    </Dialog>
  );
}

/** Mounted while the dialog is open, so that each opening starts with the defaults. */
function DialogForm<Input extends FieldValues, Output>({
  onClose,
  partsId,
  schema,
  defaults,
  onSubmit,
  confirm,
  busyText,
  confirmVariant = 'primary',
  locked = false,
  secret,
  children,
}: FormDialogProps<Input, Output>) {
  const form = useForm<Input, unknown, Output>({
    resolver: zodResolver(schema),
    defaultValues: defaults as DefaultValues<Input>,
    mode: 'onTouched',
  });
  const [problem, setProblem] = useState<string | null>(null);
  const busy = form.formState.isSubmitting;
  // The state above follows only at the next render; a second click may come before it.
  const inFlight = useRef(false);
  const send = form.handleSubmit(async (values) => {
    setProblem(null);
    try {
      const answer = await onSubmit(values);
      if (answer.ok) onClose();
      else setProblem(answer.message);
    } catch (error) {
      setProblem(messageOf(error));
    }
    if (secret !== undefined) form.resetField(secret);
  });
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (inFlight.current || locked) return;
        inFlight.current = true;
        void send(event).finally(() => {
          inFlight.current = false;
        });
      }}
    >
      <DialogBody>
        {children(form)}
        <p aria-live="assertive" className="text-danger" data-testid={`${partsId}-problem`}>
          {problem}
        </p>
      </DialogBody>
      <DialogActions>
        <Button onClick={onClose}>Back</Button>
        <Button type="submit" variant={confirmVariant} disabled={busy || locked} data-testid={`${partsId}-confirm`}>
          {busy ? busyText : confirm}
        </Button>
      </DialogActions>
    </form>
  );
}
