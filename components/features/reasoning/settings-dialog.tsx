'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ChangesTable } from '@/components/features/changes-table';
import { messageOf, useTRPC } from '@/components/trpc/client';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions, DialogBody } from '@/components/ui/dialog';
import { TextField } from '@/components/ui/field';
import type { ReasoningSettings } from '@/server/contracts/reasoning';
import { PricesTable } from './prices-table';
import { type Draft, LIMIT_LABEL, LIMIT_NAMES, problemOf, toDraft, type Wanted, wantedOf } from './settings-changes';

interface SettingsDialogProps {
  readonly settings: ReasoningSettings;
  readonly onClose: () => void;
}

/** Limits on reasoning and prices of models, saved once the changes are confirmed. */
export function SettingsDialog(props: SettingsDialogProps) {
  return (
    <Dialog open onClose={props.onClose} title="Reasoning limits and prices" testId="reasoning-settings" wide>
      <SettingsForm {...props} />
    </Dialog>
  );
}

/** Saves one change after another and stops at the first rejection; the rest can be tried again. */
function useSave(onClose: () => void) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const limits = useMutation(trpc.reasoning.setLimits.mutationOptions());
  const price = useMutation(trpc.reasoning.setPrice.mutationOptions());
  const removal = useMutation(trpc.reasoning.removePrice.mutationOptions());
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const run = async (wanted: Wanted) => {
    setBusy(true);
    setProblem(null);
    try {
      const wantedLimits = wanted.limits;
      const steps = [
        ...(wantedLimits === null ? [] : [() => limits.mutateAsync(wantedLimits)]),
        ...wanted.set.map((each) => () => price.mutateAsync({ ...each })),
        ...wanted.removed.map((model) => () => removal.mutateAsync({ model })),
      ];
      for (const step of steps) {
        const outcome = await step();
        if (!outcome.ok) return setProblem(outcome.message);
      }
      onClose();
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setBusy(false);
      void client.invalidateQueries({ queryKey: [['reasoning']] });
    }
  };
  return { busy, problem, run };
}

function SettingsForm({ settings, onClose }: SettingsDialogProps) {
  // A draft from when the dialog opened: later updates do not overwrite what is being typed.
  const [draft, setDraft] = useState<Draft>(() => toDraft(settings));
  const [confirming, setConfirming] = useState(false);
  const save = useSave(onClose);
  const problem = problemOf(draft);
  const wanted = problem === null ? wantedOf(settings, draft) : null;
  const ready = wanted !== null && wanted.changes.length > 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!ready || save.busy) return;
    if (confirming) void save.run(wanted);
    else setConfirming(true);
  };
  return (
    <form onSubmit={submit}>
      <DialogBody>
        {confirming && wanted !== null ? (
          <ChangesTable changes={wanted.changes} testId="reasoning-diff" />
        ) : (
          <Fields draft={draft} onDraft={setDraft} />
        )}
        <p aria-live="assertive" className="text-danger" data-testid="reasoning-problem">
          {save.problem ?? problem}
        </p>
      </DialogBody>
      <DialogActions>
        <Button onClick={confirming ? () => setConfirming(false) : onClose}>
          {confirming ? 'Change more…' : 'Back'}
        </Button>
        <Button type="submit" variant="primary" disabled={!ready || save.busy} data-testid="reasoning-confirm">
          {save.busy ? 'Saving…' : confirming ? 'Save' : 'Review changes'}
        </Button>
      </DialogActions>
    </form>
  );
}

function Fields({ draft, onDraft }: { readonly draft: Draft; readonly onDraft: (draft: Draft) => void }) {
  return (
    <>
      <p className="text-muted">
        Empty = unlimited, 0 = none. Beyond a limit, signals continue without a memo. Days are UTC. Changes apply from
        the next memo.
      </p>
      <div className="grid gap-3 sm:grid-cols-2">
        {LIMIT_NAMES.map((name) => (
          <TextField
            key={name}
            label={LIMIT_LABEL[name]}
            value={draft.limits[name]}
            inputMode="decimal"
            maxLength={28}
            autoComplete="off"
            placeholder="unlimited"
            onChange={(event) => onDraft({ ...draft, limits: { ...draft.limits, [name]: event.target.value } })}
            data-testid={`limit-${name}`}
          />
        ))}
      </div>
      <PricesTable prices={draft.prices} onPrices={(prices) => onDraft({ ...draft, prices })} />
    </>
  );
}
