'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import * as z from 'zod/mini';
import { marketNowMs } from '@/components/live/market-clock';
import { serverNowMs } from '@/components/live/now';
import { useStatus } from '@/components/shell/use-status';
import { useTRPC } from '@/components/trpc/client';
import { SelectField, TextField } from '@/components/ui/field';
import { symbolFieldSchema } from '@/components/ui/field-schemas';
import { FormDialog } from '@/components/ui/form-dialog';
import { parseEventTime } from '@/server/domain/market/events/event-time';
import { defaultWindow } from './default-window';
import { EVENT_KIND } from './kinds';

/** Epoch milliseconds of a New York time as a `datetime-local` field has it. */
const timeSchema = z.pipe(
  z.string(),
  z.transform((text: string, context) => {
    const ms = parseEventTime(text.replace('T', ' '));
    if (ms !== null) return ms;
    context.issues.push({ code: 'custom', message: 'Enter a valid New York time.', input: text });
    return z.NEVER;
  }),
);

const KINDS = Object.keys(EVENT_KIND) as (keyof typeof EVENT_KIND)[];

const schema = z
  .object({
    kind: z.enum(KINDS),
    title: z
      .string()
      .check(z.trim(), z.minLength(1, 'Enter a title.'), z.maxLength(200, 'Keep the title to 200 characters.')),
    symbol: symbolFieldSchema,
    from: timeSchema,
    to: timeSchema,
  })
  .check(z.refine(({ from, to }) => to > from, { path: ['to'], error: 'The end must be after the start.' }));

/** Adds a market event. Its times follow a proposal for the kind until the user enters others. */
export function AddEventDialog({ onClose }: { readonly onClose: () => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const { status } = useStatus();
  const [nowMs] = useState(() => marketNowMs(status.market, serverNowMs()));
  const add = useMutation(trpc.events.add.mutationOptions());
  const submit = async ({ kind, title, symbol, from, to }: z.output<typeof schema>) => {
    const [startsAt, endsAt] = [new Date(from).toISOString(), new Date(to).toISOString()];
    try {
      return await add.mutateAsync({ kind, symbol, title, startsAt, endsAt });
    } finally {
      void client.invalidateQueries({ queryKey: [['events']] });
      void client.invalidateQueries({ queryKey: [['market']] });
    }
  };
  return (
    <FormDialog
      open
      onClose={onClose}
      title="Add event"
      testId="add-event-dialog"
      partsId="event"
      schema={schema}
      defaults={{ kind: 'EARNINGS', title: '', symbol: '', ...defaultWindow('EARNINGS', nowMs) }}
      onSubmit={submit}
      confirm="Add event"
      busyText="Adding…"
    >
      {({ register, watch, setValue, formState: { errors, dirtyFields } }) => (
        <>
          <SelectField
            label="Kind"
            value={watch('kind')}
            options={EVENT_KIND}
            onChange={(kind) => {
              setValue('kind', kind);
              const proposed = defaultWindow(kind, nowMs);
              if (dirtyFields.from !== true) setValue('from', proposed.from);
              if (dirtyFields.to !== true) setValue('to', proposed.to);
            }}
          />
          <TextField
            label="Title"
            error={errors.title?.message}
            maxLength={200}
            autoComplete="off"
            data-autofocus
            data-testid="event-title"
            {...register('title')}
          />
          <TextField
            label="Symbol"
            hint="Empty = all symbols"
            error={errors.symbol?.message}
            maxLength={12}
            autoComplete="off"
            data-testid="event-symbol"
            {...register('symbol')}
          />
          <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
            <TextField
              label="From (ET)"
              error={errors.from?.message}
              type="datetime-local"
              data-testid="event-from"
              {...register('from')}
            />
            <TextField
              label="To (ET)"
              error={errors.to?.message}
              type="datetime-local"
              data-testid="event-to"
              {...register('to')}
            />
          </div>
        </>
      )}
    </FormDialog>
  );
}
