'use client';

import { useState } from 'react';
import { causeText, ResolveDialog } from '@/components/features/system/resolve-dialog';
import { NONE } from '@/components/format/number';
import { useMayOperate } from '@/components/shell/session';
import type { OpenBreak } from '@/components/trpc/types';
import { Button } from '@/components/ui/button';
import { ShortId } from '@/components/ui/figures';
import { Link } from '@/components/ui/link';
import { Ago } from '@/components/ui/moment';
import { Panel } from '@/components/ui/panel';
import { ScrollBox } from '@/components/ui/scroll-box';
import { EmptyState } from '@/components/ui/states';

/** What the reconciliation could not explain, each to be answered for by a person. */
export function BreaksPanel({ breaks }: { readonly breaks: readonly OpenBreak[] }) {
  // The break itself: the dialog stays whole while the list behind it is read anew.
  const [chosen, setChosen] = useState<OpenBreak | null>(null);
  return (
    <Panel title="Reconciliation breaks" testId="breaks">
      {breaks.length === 0 ? (
        <EmptyState title="The books agree">Our orders, fills and positions are the broker's.</EmptyState>
      ) : (
        <ScrollBox label="Breaks">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Symbol</th>
                <th scope="col">Cause</th>
                <th scope="col">Open for</th>
                <th scope="col">Order</th>
                <th scope="col">
                  <span className="sr-only">Act</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {breaks.map((row) => (
                <BreakRow key={row.id} row={row} onResolve={() => setChosen(row)} />
              ))}
            </tbody>
          </table>
        </ScrollBox>
      )}
      <ResolveDialog chosen={chosen} onClose={() => setChosen(null)} />
    </Panel>
  );
}

function BreakRow({ row, onResolve }: { readonly row: OpenBreak; readonly onResolve: () => void }) {
  const may = useMayOperate();
  return (
    <tr>
      <td className="font-semibold">{row.symbol}</td>
      <td>{causeText(row.cause)}</td>
      <td>
        <Ago iso={row.openedAt} />
      </td>
      <td>
        {row.orderId === null ? (
          NONE
        ) : (
          <Link href={`/orders/${row.orderId}`} className="text-primary hover:underline">
            <ShortId id={row.orderId} />
          </Link>
        )}
      </td>
      <td className="right">
        <Button
          disabled={!may}
          title={may ? undefined : 'Needs the role operator'}
          onClick={onResolve}
          data-testid={`resolve-${row.id}`}
        >
          Resolve…
        </Button>
      </td>
    </tr>
  );
}
