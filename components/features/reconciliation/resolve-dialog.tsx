'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ReasonDialog } from '@/components/features/reason-dialog';
import { useSession } from '@/components/shell/session';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { BreakRow } from '@/components/trpc/types';
import { type BookingPreview, bookingPreview } from './booking-preview';
import { causeLabel, causeText, symbolLabel } from './causes';
import { exactFigure } from './prepare-sides';
import { SidesTable } from './sides-table';

interface ResolveDialogProps {
  readonly chosen: BreakRow | null;
  readonly onClose: () => void;
}

/** Closes a break with a reason; books the broker's figures where that is chosen, and only then. */
export function ResolveDialog({ chosen, onClose }: ResolveDialogProps) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const resolve = useMutation(trpc.reconciliation.resolveBreak.mutationOptions());
  const [accept, setAccept] = useState(false);
  const refused = resolve.data !== undefined && !resolve.data.ok ? resolve.data.message : null;
  const preview = chosen === null ? null : bookingPreview(chosen);
  const close = () => {
    // What was said of one break is not said of the next.
    resolve.reset();
    setAccept(false);
    onClose();
  };
  const run = async (reason: string) => {
    if (chosen === null) return;
    try {
      // The audit keeps one line.
      const line = reason.replace(/\s+/g, ' ');
      const outcome = await resolve.mutateAsync({
        breakId: chosen.id,
        reason: line,
        // What is booked is what is shown here: the server refuses when it has changed since.
        accept: accept && preview !== null ? { ours: chosen.ours, theirs: chosen.theirs } : null,
      });
      if (outcome.ok) close();
    } catch {
      // Shown in the dialog, from the mutation's own state.
    } finally {
      void client.invalidateQueries({ queryKey: [['system']] });
      void client.invalidateQueries({ queryKey: [['reconciliation']] });
    }
  };
  return (
    <ReasonDialog
      key={chosen?.id ?? 'none'}
      open={chosen !== null}
      title={`Resolve the break: ${symbolLabel(chosen?.symbol ?? '')}`}
      confirm={accept && preview !== null ? 'Book and resolve' : 'Resolve'}
      busy={resolve.isPending}
      problem={resolve.isError ? messageOf(resolve.error) : refused}
      onClose={close}
      onConfirm={(reason) => void run(reason)}
      testId="resolve-dialog"
      wide
    >
      <p>
        <strong className="font-semibold">{causeLabel(chosen?.cause ?? '')}.</strong> {causeText(chosen?.cause ?? '')}
      </p>
      <SidesTable ours={chosen?.ours ?? {}} theirs={chosen?.theirs ?? {}} />
      {preview === null ? (
        <p>
          Resolving books nothing: it says that you know why. What still differs at the next reconciliation opens a new
          break.
        </p>
      ) : (
        <Choices symbol={chosen?.symbol ?? ''} preview={preview} accept={accept} onAccept={setAccept} />
      )}
    </ReasonDialog>
  );
}

interface ChoicesProps {
  readonly symbol: string;
  readonly preview: BookingPreview;
  readonly accept: boolean;
  readonly onAccept: (accept: boolean) => void;
}

function Choices({ symbol, preview, accept, onAccept }: ChoicesProps) {
  const may = useSession().role === 'ADMIN';
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 text-12 font-medium">What to do</legend>
      <label className="flex items-start gap-2">
        <input type="radio" name="accept" checked={!accept} onChange={() => onAccept(false)} className="mt-1" />
        <span>
          Only say why
          <span className="block text-12 text-muted">Books nothing. It is refused while both sides still differ.</span>
        </span>
      </label>
      <label className="flex items-start gap-2">
        <input
          type="radio"
          name="accept"
          checked={accept}
          disabled={!may}
          onChange={() => onAccept(true)}
          className="mt-1"
          data-testid="resolve-accept"
        />
        <span>
          Accept the broker's figures
          <span className="num block text-12 text-muted" data-testid="resolve-booking">
            {bookingText(symbol, preview)}
          </span>
          {!may && (
            <span className="block text-12 text-muted">Needs the role administrator: it changes the books.</span>
          )}
        </span>
      </label>
    </fieldset>
  );
}

/** Exactly what the ledger will get. */
function bookingText(symbol: string, { from, to, change, what }: BookingPreview): string {
  const shown = change.startsWith('+') ? `+${exactFigure(change.slice(1))}` : exactFigure(change);
  if (what === 'cash') return `Books ${shown} to CASH against ADJUSTMENTS: ${from} becomes ${to}. Never as profit.`;
  return `Books ${shown} shares of ${symbol} with their cost against ADJUSTMENTS: ${from} become ${to}. Cash and profit stay.`;
}
