'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { formatQty } from '@/components/format/number';
import { useMayOperate } from '@/components/shell/session';
import { useTRPC } from '@/components/trpc/client';
import type { Approval } from '@/components/trpc/types';
import { Button } from '@/components/ui/button';
import type { Answer } from '@/components/ui/form-dialog';
import { lazyDialog } from '@/components/ui/lazy-dialog';
import { Moment } from '@/components/ui/moment';

const ReasonDialog = lazyDialog(async () => (await import('@/components/features/reason-dialog')).ReasonDialog);

/** The server rejects at most this many at once. */
const MOST_AT_ONCE = 200;

/** Rejects the requests that a newer one of the same trade replaces. */
export function RejectOlder({ older }: { readonly older: readonly Approval[] }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const may = useMayOperate();
  const reject = useMutation(trpc.approvals.rejectMany.mutationOptions());
  // Requests that come while the dialog is open are not among those it names.
  const [named, setNamed] = useState<readonly Approval[] | null>(null);
  const run = async (reason: string): Promise<Answer> => {
    try {
      const results = await reject.mutateAsync({ ids: (named ?? []).map(({ id }) => id), reason });
      const refused = results.flatMap(({ outcome }) => (outcome.ok ? [] : [outcome.message]));
      if (refused.length === 0) return { ok: true };
      const rejected = results.length - refused.length;
      return { ok: false, message: `${rejected} rejected; ${refused.length} not: ${[...new Set(refused)].join(' ')}` };
    } finally {
      void client.invalidateQueries({ queryKey: [['approvals']] });
    }
  };
  return (
    <>
      <Button
        size="small"
        disabled={!may}
        title={may ? undefined : 'Needs the role operator'}
        onClick={() => setNamed(older.slice(0, MOST_AT_ONCE))}
        data-testid="reject-older"
      >
        Reject older…
      </Button>
      <ReasonDialog
        open={named !== null}
        title={`Reject ${named?.length ?? 0} older requests`}
        confirm={`Reject ${named?.length ?? 0}`}
        suggested="Replaced by a newer request"
        onClose={() => setNamed(null)}
        onSubmit={run}
        testId="reject-older-dialog"
      >
        <ul className="num max-h-48 overflow-y-auto">
          {(named ?? []).map((request) => (
            <li key={request.id}>
              {request.side} {formatQty(request.qty)} {request.symbol}, <Moment iso={request.createdAt} /> ET
            </li>
          ))}
        </ul>
        <p className="text-muted">The newest request stays and waits for your decision.</p>
      </ReasonDialog>
    </>
  );
}
