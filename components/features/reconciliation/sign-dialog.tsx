'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useSession } from '@/components/shell/session';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { Opening } from '@/components/trpc/types';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions, DialogBody } from '@/components/ui/dialog';
import { TextField } from '@/components/ui/field';
import { BalancesTable } from './balances-table';

interface SignDialogProps {
  readonly chosen: Opening | null;
  readonly onClose: () => void;
}

/** An administrator signs the opening balances shown, with the password. */
export function SignDialog({ chosen, onClose }: SignDialogProps) {
  return (
    <Dialog open={chosen !== null} onClose={onClose} title="Sign opening balances" testId="sign-dialog" wide>
      {chosen !== null && <SignForm key={chosen.id} opening={chosen} onClose={onClose} />}
    </Dialog>
  );
}

function SignForm({ opening, onClose }: { readonly opening: Opening; readonly onClose: () => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const { email } = useSession();
  const [password, setPassword] = useState('');
  const sign = useMutation(trpc.reconciliation.signOpening.mutationOptions());
  const refused = sign.data !== undefined && !sign.data.ok ? sign.data.message : null;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (sign.isPending) return;
    try {
      const outcome = await sign.mutateAsync({ openingId: opening.id, shownHash: opening.shownHash, password });
      if (outcome.ok) onClose();
    } catch {
      // Shown below, from the mutation's own state.
    } finally {
      setPassword('');
      void client.invalidateQueries({ queryKey: [['reconciliation']] });
      void client.invalidateQueries({ queryKey: [['system']] });
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <DialogBody>
        <p>
          The books of account <strong className="font-semibold">{opening.brokerAccountId}</strong> (
          {opening.environment}) will start with exactly these balances. Compare them with the broker's statement first.
        </p>
        <BalancesTable opening={opening} />
        <TextField
          label={`Password of ${email}`}
          hint="The audit log records who signed and what."
          type="password"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          required
          data-autofocus
          data-testid="sign-password"
        />
        <p aria-live="assertive" className="text-danger" data-testid="sign-problem">
          {sign.isError ? messageOf(sign.error) : refused}
        </p>
      </DialogBody>
      <DialogActions>
        <Button onClick={onClose}>Back</Button>
        <Button type="submit" variant="primary" disabled={sign.isPending || password === ''} data-testid="sign-confirm">
          {sign.isPending ? 'Signing…' : 'Sign'}
        </Button>
      </DialogActions>
    </form>
  );
}
