'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ReasonDialog } from '@/components/features/reason-dialog';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { MarketEvent } from '@/components/trpc/types';
import { Button } from '@/components/ui/button';
import { Moment } from '@/components/ui/moment';
import { AddEventDialog } from './add-event-dialog';
import { ImportDialog } from './import-dialog';
import { useRestoreEvent } from './use-restore-event';

export type EventDialog =
  | { readonly kind: 'add' | 'import' }
  | { readonly kind: 'remove'; readonly event: MarketEvent };

interface EventDialogsProps {
  readonly dialog: EventDialog | null;
  /** The event removed last, which can be restored. */
  readonly removed: MarketEvent | null;
  readonly onClose: () => void;
  readonly onRemoved: (event: MarketEvent | null) => void;
}

/** Dialogs to add, import and remove events, and an undo of the last removal. */
export function EventDialogs({ dialog, removed, onClose, onRemoved }: EventDialogsProps) {
  return (
    <>
      {dialog?.kind === 'add' && <AddEventDialog onClose={onClose} />}
      <ImportDialog open={dialog?.kind === 'import'} onClose={onClose} />
      {dialog?.kind === 'remove' && (
        <RemoveDialog event={dialog.event} onClose={onClose} onRemoved={() => onRemoved(dialog.event)} />
      )}
      {removed !== null && <Undo event={removed} onDone={() => onRemoved(null)} />}
    </>
  );
}

interface RemoveDialogProps {
  readonly event: MarketEvent;
  readonly onClose: () => void;
  readonly onRemoved: () => void;
}

function RemoveDialog({ event, onClose, onRemoved }: RemoveDialogProps) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const remove = useMutation(trpc.events.remove.mutationOptions());
  const confirm = async (reason: string) => {
    const outcome = await remove.mutateAsync({ id: event.id, reason });
    // Refetch the list before the undo appears, so that the event is gone from it.
    await client.invalidateQueries({ queryKey: [['events']] });
    void client.invalidateQueries({ queryKey: [['market']] });
    if (outcome.ok) onRemoved();
    return outcome;
  };
  return (
    <ReasonDialog open title="Remove event" confirm="Remove" onClose={onClose} onSubmit={confirm} testId="remove-event">
      <p>
        <b>{event.title}</b> in {event.symbol ?? 'all symbols'}, <Moment iso={event.startsAt} /> to{' '}
        <Moment iso={event.endsAt} /> ET.
      </p>
      <p className="rounded-sm bg-warn-bg px-3 py-2 text-warn">
        New positions that it blocks are allowed from the moment it is removed.
      </p>
    </ReasonDialog>
  );
}

function Undo({ event, onDone }: { readonly event: MarketEvent; readonly onDone: () => void }) {
  const restore = useRestoreEvent();
  const refused = restore.data !== undefined && !restore.data.ok ? restore.data.message : null;
  const undo = async () => {
    try {
      const outcome = await restore.mutateAsync({ id: event.id });
      if (outcome.ok) onDone();
    } catch {
      // Shown below, from the mutation's own state.
    }
  };
  return (
    <div
      role="status"
      data-testid="event-undo"
      className="fixed inset-x-3 bottom-3 z-30 mx-auto flex max-w-[560px] flex-wrap items-center justify-between gap-2 rounded-md border border-control bg-surface px-3 py-2"
    >
      <span className="min-w-0 flex-1 truncate">
        {restore.isError ? messageOf(restore.error) : (refused ?? `Removed: ${event.title}`)}
      </span>
      <span className="flex gap-2">
        <Button size="small" disabled={restore.isPending} onClick={() => void undo()}>
          Undo
        </Button>
        <Button size="small" variant="ghost" onClick={onDone} aria-label="Dismiss">
          ✕
        </Button>
      </span>
    </div>
  );
}
