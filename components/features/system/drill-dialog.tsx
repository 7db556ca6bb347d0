'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { messageOf, useTRPC } from '@/components/trpc/client';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions, DialogBody } from '@/components/ui/dialog';
import { TextField } from '@/components/ui/field';

const MAX_ORDERS = 500;

interface DrillDialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
}

/** Explains a drill before it starts. */
export function DrillDialog({ open, onClose }: DrillDialogProps) {
  return (
    <Dialog open={open} onClose={onClose} title="Start a kill drill" testId="drill-dialog">
      <DrillForm onClose={onClose} />
    </Dialog>
  );
}

function DrillForm({ onClose }: { readonly onClose: () => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [orders, setOrders] = useState('20');
  const [symbol, setSymbol] = useState('');
  const start = useMutation(trpc.trading.requestDrill.mutationOptions());
  const refused = start.data !== undefined && !start.data.ok ? start.data.message : null;
  const count = /^\d{1,3}$/.test(orders) ? Number(orders) : Number.NaN;
  const valid = count >= 1 && count <= MAX_ORDERS && /^([A-Z][A-Z0-9.-]{0,11})?$/.test(symbol);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (start.isPending || !valid) return;
    try {
      const outcome = await start.mutateAsync(symbol === '' ? { orders: count } : { orders: count, symbol });
      if (outcome.ok) onClose();
    } catch {
      // Shown below, from the mutation's own state.
    } finally {
      void client.invalidateQueries({ queryKey: [['trading']] });
      void client.invalidateQueries({ queryKey: [['system']] });
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <DialogBody>
        <ol className="flex list-decimal flex-col gap-1 pl-5">
          <li>Places buy orders far below the market, checked by policy, so that a fill is unlikely.</li>
          <li>Halts trading like the KILL button: all other open orders are cancelled too.</li>
          <li>Measures the time until no order is open, and keeps the record.</li>
        </ol>
        <p className="rounded-sm bg-warn-bg px-3 py-2 font-medium text-warn">
          Trading then stays halted until an administrator releases it.
        </p>
        <div className="grid grid-cols-2 gap-3">
          <TextField
            label="Orders"
            hint={`1 to ${MAX_ORDERS}`}
            inputMode="numeric"
            value={orders}
            maxLength={3}
            onChange={(event) => setOrders(event.target.value.trim())}
            data-autofocus
            data-testid="drill-orders"
          />
          <TextField
            label="Symbol"
            hint="Empty = first allowed symbol"
            value={symbol}
            maxLength={12}
            autoComplete="off"
            onChange={(event) => setSymbol(event.target.value.trim().toUpperCase())}
            data-testid="drill-symbol"
          />
        </div>
        <p aria-live="assertive" className="text-danger" data-testid="drill-problem">
          {start.isError ? messageOf(start.error) : refused}
        </p>
      </DialogBody>
      <DialogActions>
        <Button onClick={onClose}>Back</Button>
        <Button type="submit" variant="danger" disabled={!valid || start.isPending} data-testid="drill-confirm">
          {start.isPending ? 'Starting…' : 'Start drill'}
        </Button>
      </DialogActions>
    </form>
  );
}
