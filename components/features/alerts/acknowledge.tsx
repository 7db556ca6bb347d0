'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMayOperate } from '@/components/shell/session';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { AlertRow } from '@/components/trpc/types';
import { Button } from '@/components/ui/button';
import { Moment } from '@/components/ui/moment';

/** Who has acknowledged the alert and when, or the button to do so. It states that a person takes care of it and changes nothing else. */
export function Acknowledge({ row }: { readonly row: Pick<AlertRow, 'id' | 'acknowledgedAt' | 'acknowledgedBy'> }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const may = useMayOperate();
  const call = useMutation(
    trpc.system.acknowledgeAlert.mutationOptions({
      onSettled: () => client.invalidateQueries({ queryKey: trpc.system.alerts.queryKey() }),
    }),
  );
  if (row.acknowledgedAt !== null)
    return (
      <span className="text-12 text-muted">
        {row.acknowledgedBy}, <Moment iso={row.acknowledgedAt} />
      </span>
    );
  const problem = call.isError ? messageOf(call.error) : call.data?.ok === false ? call.data.message : null;
  return (
    <>
      <Button
        size="small"
        disabled={!may || call.isPending}
        title={may ? undefined : 'Needs the role operator'}
        onClick={() => call.mutate({ id: row.id })}
        data-testid="acknowledge"
      >
        {call.isPending ? 'Saving…' : 'Acknowledge'}
      </Button>
      {problem !== null && (
        <span role="alert" className="ml-2 text-12 text-danger">
          {problem}
        </span>
      )}
    </>
  );
}
