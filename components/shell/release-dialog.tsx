'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import * as z from 'zod/mini';
import { useTRPC } from '@/components/trpc/client';
import { TextArea, TextField } from '@/components/ui/field';
import { passwordSchema, reasonSchema } from '@/components/ui/field-schemas';
import { FormDialog } from '@/components/ui/form-dialog';
import { NoPermission } from '@/components/ui/states';
import { HaltProgress } from './halt-progress';
import { useSession } from './session';
import { TradingCauses } from './trading-causes';
import { useStatus } from './use-status';

const schema = z.object({ reason: reasonSchema, password: passwordSchema });

/** Releases trading: an administrator, with the password and a reason. */
export function ReleaseDialog({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const { email, role } = useSession();
  const { trading } = useStatus().status;
  const release = useMutation(trpc.trading.release.mutationOptions());
  const may = role === 'ADMIN';
  const submit = async (values: z.output<typeof schema>) => {
    try {
      return await release.mutateAsync(values);
    } finally {
      void client.invalidateQueries({ queryKey: [['system']] });
    }
  };
  return (
    <FormDialog
      open={open}
      onClose={onClose}
      title="Release trading"
      testId="release-dialog"
      partsId="release"
      schema={schema}
      defaults={{ reason: '', password: '' }}
      onSubmit={submit}
      confirm="Release"
      busyText="Releasing…"
      locked={!may}
      secret="password"
    >
      {({ register, formState: { errors } }) => (
        <>
          <p>
            Trading is <strong>{trading.state.toLowerCase()}</strong>; requested by {trading.changedBy}. After release,
            orders that pass policy are sent again at once. Release requires a verified halt, and a clean reconciliation
            round that began after it.
          </p>
          <TradingCauses causes={trading.causes} />
          {trading.halt !== null && <HaltProgress halt={trading.halt} />}
          {may ? (
            <>
              <TextArea
                label="Reason"
                error={errors.reason?.message}
                maxLength={500}
                data-autofocus
                data-testid="release-reason"
                {...register('reason')}
              />
              <TextField
                label={`Password of ${email}`}
                error={errors.password?.message}
                type="password"
                autoComplete="current-password"
                data-testid="release-password"
                {...register('password')}
              />
            </>
          ) : (
            <NoPermission act="Releasing" needed="administrator" />
          )}
        </>
      )}
    </FormDialog>
  );
}
