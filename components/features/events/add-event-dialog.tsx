'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { marketNowMs } from '@/components/live/market-clock';
import { serverNowMs } from '@/components/live/now';
import { useStatus } from '@/components/shell/use-status';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { MarketEvent } from '@/components/trpc/types';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions, DialogBody } from '@/components/ui/dialog';
import { SelectField, TextField } from '@/components/ui/field';
import { parseEventTime } from '@/server/domain/market/events/event-time';
import { defaultWindow } from './default-window';
import { EVENT_KIND } from './kinds';

interface AddEventDialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
}

export function AddEventDialog({ open, onClose }: AddEventDialogProps) {
  return (
    <Dialog open={open} onClose={onClose} title="Add event" testId="add-event-dialog">
      <AddEventForm onClose={onClose} />
    </Dialog>
  );
}

type Kind = MarketEvent['kind'];

/** Times proposed for the kind, until the user enters others. */
function useTimes(kind: Kind) {
  const { status } = useStatus();
  const [nowMs] = useState(() => marketNowMs(status.market, serverNowMs()));
  const [typed, setTyped] = useState<{ readonly from?: string; readonly to?: string }>({});
  const proposed = defaultWindow(kind, nowMs);
  const from = typed.from ?? proposed.from;
  const to = typed.to ?? proposed.to;
  return {
    from,
    to,
    fromMs: parseEventTime(from.replace('T', ' ')),
    toMs: parseEventTime(to.replace('T', ' ')),
    setTyped,
  };
}

function problemOf(fromMs: number | null, toMs: number | null): string | null {
  if (fromMs === null || toMs === null) return 'Enter two valid New York times.';
  return toMs > fromMs ? null : 'The end must be after the start.';
}

function AddEventForm({ onClose }: { readonly onClose: () => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [kind, setKind] = useState<Kind>('EARNINGS');
  const [symbol, setSymbol] = useState('');
  const [title, setTitle] = useState('');
  const { from, to, fromMs, toMs, setTyped } = useTimes(kind);
  const add = useMutation(trpc.events.add.mutationOptions());
  const problem = problemOf(fromMs, toMs);
  const refused = add.data !== undefined && !add.data.ok ? add.data.message : null;
  const valid = problem === null && title.trim() !== '' && /^([A-Z][A-Z0-9.-]{0,11})?$/.test(symbol);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (add.isPending || !valid || fromMs === null || toMs === null) return;
    const [startsAt, endsAt] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
    try {
      const outcome = await add.mutateAsync({
        kind,
        symbol: symbol === '' ? null : symbol,
        title: title.trim(),
        startsAt,
        endsAt,
      });
      if (outcome.ok) onClose();
    } catch {
      // Shown below, from the mutation's own state.
    } finally {
      void client.invalidateQueries({ queryKey: [['events']] });
      void client.invalidateQueries({ queryKey: [['market']] });
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <DialogBody>
        <SelectField label="Kind" value={kind} options={EVENT_KIND} onChange={setKind} />
        <TextField
          label="Title"
          value={title}
          maxLength={200}
          autoComplete="off"
          onChange={(event) => setTitle(event.target.value)}
          data-autofocus
          data-testid="event-title"
        />
        <TextField
          label="Symbol"
          hint="Empty = all symbols"
          value={symbol}
          maxLength={12}
          autoComplete="off"
          onChange={(event) => setSymbol(event.target.value.trim().toUpperCase())}
          data-testid="event-symbol"
        />
        <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
          <TextField
            label="From (ET)"
            type="datetime-local"
            value={from}
            onChange={(event) => setTyped((times) => ({ ...times, from: event.target.value }))}
            data-testid="event-from"
          />
          <TextField
            label="To (ET)"
            type="datetime-local"
            value={to}
            onChange={(event) => setTyped((times) => ({ ...times, to: event.target.value }))}
            data-testid="event-to"
          />
        </div>
        <p aria-live="assertive" className="text-danger" data-testid="event-problem">
          {add.isError ? messageOf(add.error) : (refused ?? problem)}
        </p>
      </DialogBody>
      <DialogActions>
        <Button onClick={onClose}>Back</Button>
        <Button type="submit" variant="primary" disabled={!valid || add.isPending} data-testid="event-confirm">
          {add.isPending ? 'Adding…' : 'Add event'}
        </Button>
      </DialogActions>
    </form>
  );
}
