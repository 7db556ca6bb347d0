'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { messageOf, useTRPC } from '@/components/trpc/client';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions, DialogBody } from '@/components/ui/dialog';
import { TextArea, TextField } from '@/components/ui/field';
import { NoPermission } from '@/components/ui/states';
import { HaltProgress } from './halt-progress';
import { useSession } from './session';
import { useStatus } from './use-status';

/** Releases trading: an administrator, with the password and a reason. */
export function ReleaseDialog({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title="Release trading" testId="release-dialog">
      <ReleaseForm onClose={onClose} />
    </Dialog>
  );
}

function ReleaseForm({ onClose }: { readonly onClose: () => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const session = useSession();
  const { status } = useStatus();
  const [reason, setReason] = useState('');
  const [password, setPassword] = useState('');
  const release = useMutation(trpc.trading.release.mutationOptions());
  const may = session.role === 'ADMIN';
  const refused = release.data !== undefined && !release.data.ok ? release.data.message : null;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (release.isPending) return;
    try {
      const outcome = await release.mutateAsync({ reason, password });
      void client.invalidateQueries({ queryKey: [['system']] });
      if (outcome.ok) onClose();
    } catch {
      // Shown below, from the mutation's own state.
    } finally {
      setPassword('');
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <DialogBody>
        <p>
          Trading is <strong>{status.trading.state.toLowerCase()}</strong>; requested by {status.trading.changedBy}.
          After release, orders that pass policy are sent again at once. Release requires a verified halt and a clean
          reconciliation.
        </p>
        {status.trading.halt !== null && <HaltProgress halt={status.trading.halt} />}
        {may ? (
          <>
            <TextArea
              label="Reason"
              value={reason}
              onChange={(event) => setReason(event.target.value)}
              required
              minLength={3}
              maxLength={500}
              data-autofocus
              data-testid="release-reason"
            />
            <TextField
              label={`Password of ${session.email}`}
              type="password"
              autoComplete="current-password"
              value={password}
              onChange={(event) => setPassword(event.target.value)}
              required
              data-testid="release-password"
            />
          </>
        ) : (
          <NoPermission act="Releasing" needed="administrator" />
        )}
        <div aria-live="assertive">
          {release.isError && <p className="text-danger">{messageOf(release.error)}</p>}
          {refused !== null && (
            <p className="text-danger" data-testid="release-refused">
              {refused}
            </p>
          )}
        </div>
      </DialogBody>
      <DialogActions>
        <Button onClick={onClose}>Close</Button>
        <Button
          type="submit"
          variant="primary"
          disabled={!may || release.isPending || reason.trim().length < 3 || password === ''}
          data-testid="release-confirm"
        >
          {release.isPending ? 'Releasing…' : 'Release'}
        </Button>
      </DialogActions>
    </form>
  );
}
