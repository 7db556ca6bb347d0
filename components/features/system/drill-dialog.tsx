'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import * as z from 'zod/mini';
import { useTRPC } from '@/components/trpc/client';
import { TextField } from '@/components/ui/field';
import { symbolFieldSchema } from '@/components/ui/field-schemas';
import { FormDialog } from '@/components/ui/form-dialog';

const MAX_ORDERS = 500;

const schema = z.object({
  orders: z.pipe(
    z.string().check(
      z.trim(),
      z.refine((text) => /^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= MAX_ORDERS, {
        error: `Enter a number from 1 to ${MAX_ORDERS}.`,
      }),
    ),
    z.transform((text: string) => Number(text)),
  ),
  symbol: symbolFieldSchema,
});

interface DrillDialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
}

/** Explains a drill, and starts it. */
export function DrillDialog({ open, onClose }: DrillDialogProps) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const start = useMutation(trpc.trading.requestDrill.mutationOptions());
  const submit = async ({ orders, symbol }: z.output<typeof schema>) => {
    try {
      return await start.mutateAsync(symbol === null ? { orders } : { orders, symbol });
    } finally {
      void client.invalidateQueries({ queryKey: [['trading']] });
      void client.invalidateQueries({ queryKey: [['system']] });
    }
  };
  return (
    <FormDialog
      open={open}
      onClose={onClose}
      title="Start a kill drill"
      testId="drill-dialog"
      partsId="drill"
      schema={schema}
      defaults={{ orders: '20', symbol: '' }}
      onSubmit={submit}
      confirm="Start drill"
      busyText="Starting…"
      confirmVariant="danger"
    >
      {({ register, formState: { errors } }) => (
        <>
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
              error={errors.orders?.message}
              inputMode="numeric"
              maxLength={3}
              data-autofocus
              data-testid="drill-orders"
              {...register('orders')}
            />
            <TextField
              label="Symbol"
              hint="Empty = first allowed symbol"
              error={errors.symbol?.message}
              maxLength={12}
              autoComplete="off"
              data-testid="drill-symbol"
              {...register('symbol')}
            />
          </div>
        </>
      )}
    </FormDialog>
  );
}
