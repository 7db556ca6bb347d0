'use client';

import { useState } from 'react';
import { useSession } from '@/components/shell/session';
import type { Opening, Reconciliation } from '@/components/trpc/types';
import { Button } from '@/components/ui/button';
import { lazyDialog } from '@/components/ui/lazy-dialog';
import { Ago, Moment } from '@/components/ui/moment';
import { Panel } from '@/components/ui/panel';
import { NoPermission } from '@/components/ui/states';
import { BalancesTable } from './balances-table';

const SignDialog = lazyDialog(async () => (await import('./sign-dialog')).SignDialog);

/** Balances of an account seen for the first time. Nothing trades until an administrator signs them. */
export function OpeningsPanel({ reconciliation }: { readonly reconciliation: Reconciliation }) {
  const [chosen, setChosen] = useState<Opening | null>(null);
  if (reconciliation.openings.length === 0) return null;
  return (
    <Panel title="Opening balances" testId="openings" className="border-warn">
      {reconciliation.openings.map((opening) => (
        <OpeningBlock key={opening.id} opening={opening} onSign={() => setChosen(opening)} />
      ))}
      <SignDialog chosen={chosen} onClose={() => setChosen(null)} />
    </Panel>
  );
}

function OpeningBlock({ opening, onSign }: { readonly opening: Opening; readonly onSign: () => void }) {
  const may = useSession().role === 'ADMIN';
  return (
    <div className="flex flex-col gap-3 border-b border-border p-3 last:border-b-0" data-testid="opening">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <p className="max-w-[72ch]">
          Account <strong className="font-semibold">{opening.brokerAccountId}</strong> ({opening.environment}) was first
          seen <Ago iso={opening.proposedAt} />. Sign the balances that it held then: the books start with them, and
          nothing trades before.
        </p>
        {opening.signedAt === null ? (
          <Button variant="primary" disabled={!may} onClick={onSign} data-testid="sign-opening">
            Sign…
          </Button>
        ) : (
          <p className="font-medium text-pos">
            ✓ Signed by {opening.signedBy} at <Moment iso={opening.signedAt} /> ET. The next round books them.
          </p>
        )}
      </div>
      {!may && opening.signedAt === null && <NoPermission act="Signing" needed="administrator" />}
      <BalancesTable opening={opening} />
    </div>
  );
}
