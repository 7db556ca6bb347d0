'use client';

import { useMutation } from '@tanstack/react-query';
import * as z from 'zod/mini';
import { useTRPC } from '@/components/trpc/client';
import { TextField } from '@/components/ui/field';
import { passwordSchema } from '@/components/ui/field-schemas';
import { FormDialog } from '@/components/ui/form-dialog';

const schema = z
  .object({
    password: passwordSchema,
    next: z.string().check(z.minLength(12, 'A password has at least 12 characters.')),
    again: z.string(),
  })
  .check(z.refine(({ next, again }) => next === again, { path: ['again'], error: 'The two do not match.' }));

/** A person's own new password. Afterwards they sign in again, everywhere. */
export function PasswordDialog({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
  const trpc = useTRPC();
  const change = useMutation(trpc.account.changePassword.mutationOptions());
  return (
    <FormDialog
      open={open}
      onClose={onClose}
      title="Change your password"
      testId="password-dialog"
      partsId="password"
      schema={schema}
      defaults={{ password: '', next: '', again: '' }}
      onSubmit={async ({ password, next }) => {
        const outcome = await change.mutateAsync({ password, next });
        // Every session has ended: what follows is the sign-in page.
        if (outcome.ok) window.location.assign('/signin');
        return outcome;
      }}
      confirm="Change password"
      busyText="Changing…"
      secret="password"
    >
      {({ register, formState: { errors } }) => (
        <>
          <TextField
            label="Present password"
            type="password"
            autoComplete="current-password"
            error={errors.password?.message}
            data-autofocus
            data-testid="password-present"
            {...register('password')}
          />
          <TextField
            label="New password"
            hint="At least 12 characters, not a common one or made of your name. Several unrelated words are good."
            type="password"
            autoComplete="new-password"
            error={errors.next?.message}
            data-testid="password-next"
            {...register('next')}
          />
          <TextField
            label="New password again"
            type="password"
            autoComplete="new-password"
            error={errors.again?.message}
            data-testid="password-again"
            {...register('again')}
          />
          <p className="text-muted">All your sessions end. Sign in again with the new password.</p>
        </>
      )}
    </FormDialog>
  );
}
