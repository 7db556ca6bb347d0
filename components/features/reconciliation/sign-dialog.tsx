'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import * as z from 'zod/mini';
import { useSession } from '@/components/shell/session';
import { useTRPC } from '@/components/trpc/client';
import type { Opening } from '@/components/trpc/types';
import { TextField } from '@/components/ui/field';
import { passwordSchema } from '@/components/ui/field-schemas';
import { FormDialog } from '@/components/ui/form-dialog';
import { BalancesTable } from './balances-table';

const schema = z.object({ password: passwordSchema });

interface SignDialogProps {
  readonly chosen: Opening | null;
  readonly onClose: () => void;
}

/** An administrator signs the opening balances shown, with the password. */
export function SignDialog({ chosen, onClose }: SignDialogProps) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const { email } = useSession();
  const sign = useMutation(trpc.reconciliation.signOpening.mutationOptions());
  if (chosen === null) return null;
  const submit = async ({ password }: z.output<typeof schema>) => {
    try {
      return await sign.mutateAsync({ openingId: chosen.id, shownHash: chosen.shownHash, password });
    } finally {
      void client.invalidateQueries({ queryKey: [['reconciliation']] });
      void client.invalidateQueries({ queryKey: [['system']] });
    }
  };
  return (
    <FormDialog
      key={chosen.id}
      open
      onClose={onClose}
      title="Sign opening balances"
      testId="sign-dialog"
      partsId="sign"
      wide
      schema={schema}
      defaults={{ password: '' }}
      onSubmit={submit}
      confirm="Sign"
      busyText="Signing…"
      secret="password"
    >
      {({ register, formState: { errors } }) => (
        <>
          <p>
            The books of account <strong className="font-semibold">{chosen.brokerAccountId}</strong> (
            {chosen.environment}) will start with exactly these balances. Compare them with the broker's statement
            first.
          </p>
          <BalancesTable opening={chosen} />
          <TextField
            label={`Password of ${email}`}
            hint="The audit log records who signed and what."
            error={errors.password?.message}
            type="password"
            autoComplete="current-password"
            data-autofocus
            data-testid="sign-password"
            {...register('password')}
          />
        </>
      )}
    </FormDialog>
  );
}
