'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ReasonDialog } from '@/components/features/reason-dialog';
import { useSession } from '@/components/shell/session';
import { useTRPC } from '@/components/trpc/client';
import type { BreakRow } from '@/components/trpc/types';
import { type BookingPreview, bookingPreview } from './booking-preview';
import { causeLabel, causeText, symbolLabel } from './causes';
import { exactFigure } from './prepare-sides';
import { SidesTable } from './sides-table';

interface ResolveDialogProps {
  readonly chosen: BreakRow | null;
  readonly onClose: () => void;
}

/** Resolves a break with a reason; accepting the broker's figures is an explicit choice. */
export function ResolveDialog({ chosen, onClose }: ResolveDialogProps) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const resolve = useMutation(trpc.reconciliation.resolveBreak.mutationOptions());
  const closeOrder = useMutation(trpc.reconciliation.closeUnknownOrder.mutationOptions());
  const [accept, setAccept] = useState(false);
  const [keepOrder, setKeepOrder] = useState(false);
  const missing = chosen?.cause === 'MISSING_AT_BROKER' ? chosen.orderId : null;
  const closes = missing !== null && !keepOrder;
  const preview = chosen === null ? null : bookingPreview(chosen);
  const close = () => {
    // The next break starts with an empty form.
    setAccept(false);
    setKeepOrder(false);
    onClose();
  };
  const run = async (text: string) => {
    // The audit log stores one line.
    const reason = text.replace(/\s+/g, ' ');
    try {
      if (missing !== null && closes) return await closeOrder.mutateAsync({ orderId: missing, reason });
      return await resolve.mutateAsync({
        breakId: chosen?.id ?? '',
        reason,
        // The server rejects the figures if they changed since they were shown.
        accept: accept && preview !== null && chosen !== null ? { ours: chosen.ours, theirs: chosen.theirs } : null,
      });
    } finally {
      void client.invalidateQueries({ queryKey: [['system']] });
      void client.invalidateQueries({ queryKey: [['reconciliation']] });
      void client.invalidateQueries({ queryKey: [['orders']] });
    }
  };
  return (
    <ReasonDialog
      key={chosen?.id ?? 'none'}
      open={chosen !== null}
      title={`Resolve break: ${symbolLabel(chosen?.symbol ?? '')}`}
      confirm={confirmLabel(closes, accept && preview !== null)}
      onClose={close}
      onSubmit={run}
      testId="resolve-dialog"
      wide
    >
      <p>
        <strong className="font-semibold">{causeLabel(chosen?.cause ?? '')}.</strong> {causeText(chosen?.cause ?? '')}
      </p>
      <SidesTable ours={chosen?.ours ?? {}} theirs={chosen?.theirs ?? {}} />
      {missing !== null ? (
        <OrderChoices keepOrder={keepOrder} onKeepOrder={setKeepOrder} />
      ) : preview === null ? (
        <p>
          Resolving changes no positions; it records your explanation. A difference that remains at the next
          reconciliation opens a new break.
        </p>
      ) : (
        <Choices symbol={chosen?.symbol ?? ''} preview={preview} accept={accept} onAccept={setAccept} />
      )}
    </ReasonDialog>
  );
}

function confirmLabel(closesOrder: boolean, books: boolean): string {
  if (closesOrder) return 'Close order';
  return books ? 'Book and resolve' : 'Resolve';
}

interface OrderChoicesProps {
  readonly keepOrder: boolean;
  readonly onKeepOrder: (keep: boolean) => void;
}

function OrderChoices({ keepOrder, onKeepOrder }: OrderChoicesProps) {
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 text-12 font-medium">Action</legend>
      <label className="flex items-start gap-2">
        <input
          type="radio"
          name="close-order"
          checked={!keepOrder}
          onChange={() => onKeepOrder(false)}
          className="mt-1"
          data-testid="resolve-close-order"
        />
        <span>
          Close the order as unknown at the broker
          <span className="block text-12 text-muted">
            The order is cancelled here, and the look-ups are stored with it. A fill that still arrives is booked and
            opens a break.
          </span>
        </span>
      </label>
      <label className="flex items-start gap-2">
        <input
          type="radio"
          name="close-order"
          checked={keepOrder}
          onChange={() => onKeepOrder(true)}
          className="mt-1"
        />
        <span>
          Record an explanation only
          <span className="block text-12 text-muted">
            The order stays open; the next reconciliation that does not find it opens a new break.
          </span>
        </span>
      </label>
    </fieldset>
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
      <legend className="mb-1 text-12 font-medium">Action</legend>
      <label className="flex items-start gap-2">
        <input type="radio" name="accept" checked={!accept} onChange={() => onAccept(false)} className="mt-1" />
        <span>
          Record an explanation only
          <span className="block text-12 text-muted">Changes no figures. Rejected while the sides still differ.</span>
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
            <span className="block text-12 text-muted">
              Needs the role administrator, because it changes the books.
            </span>
          )}
        </span>
      </label>
    </fieldset>
  );
}

/** The exact booking. */
function bookingText(symbol: string, { from, to, change, what }: BookingPreview): string {
  const shown = change.startsWith('+') ? `+${exactFigure(change.slice(1))}` : exactFigure(change);
  if (what === 'cash')
    return `Books ${shown} to CASH against ADJUSTMENTS: ${from} becomes ${to}. Not counted as profit.`;
  return `Books ${shown} shares of ${symbol} with their cost against ADJUSTMENTS: ${from} become ${to}. Cash and profit stay.`;
}
