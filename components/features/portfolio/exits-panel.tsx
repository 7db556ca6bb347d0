'use client';

import { useState } from 'react';
import { formatQty } from '@/components/format/number';
import { useMayOperate } from '@/components/shell/session';
import type { Portfolio } from '@/components/trpc/types';
import { Button } from '@/components/ui/button';
import { lazyDialog } from '@/components/ui/lazy-dialog';
import { Ago } from '@/components/ui/moment';
import { Panel } from '@/components/ui/panel';

const WithdrawDialog = lazyDialog(async () => (await import('./withdraw-dialog')).WithdrawDialog);

type OpenExit = Portfolio['exits'][number];

/** Positions that are being closed, and what each waits for. */
export function ExitsPanel({ exits }: { readonly exits: readonly OpenExit[] }) {
  const may = useMayOperate();
  const [withdrawing, setWithdrawing] = useState<OpenExit | null>(null);
  if (exits.length === 0) return null;
  return (
    <Panel title="Being closed" testId="exits">
      <ul className="flex flex-col gap-2 p-3 text-13">
        {exits.map((exit) => (
          <li key={exit.id} className="flex items-center justify-between gap-3">
            <ExitText exit={exit} />
            <Button disabled={!may} onClick={() => setWithdrawing(exit)}>
              Withdraw…
            </Button>
          </li>
        ))}
      </ul>
      <WithdrawDialog exit={withdrawing} onClose={() => setWithdrawing(null)} />
    </Panel>
  );
}

function ExitText({ exit }: { readonly exit: OpenExit }) {
  const { symbol, qty, requestedBy, requestedAt, waitsFor } = exit;
  return (
    <span>
      <span className="font-medium">{symbol}</span>: {qty === null ? 'everything held' : `${formatQty(qty)} shares`},
      requested by {requestedBy} <Ago iso={requestedAt} />.{' '}
      {waitsFor === null ? 'Waits for the worker.' : `Waits for ${waitsFor}.`}
    </span>
  );
}
