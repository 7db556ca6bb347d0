'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { formatQty } from '@/components/format/number';
import { useTRPC } from '@/components/trpc/client';
import type { Order } from '@/components/trpc/types';
import type { Answer } from '@/components/ui/form-dialog';
import { lazyDialog } from '@/components/ui/lazy-dialog';

const ReasonDialog = lazyDialog(async () => (await import('@/components/features/reason-dialog')).ReasonDialog);

/** The orders to cancel, as they stood when the person asked. */
export interface CancelRequest {
  readonly orders: readonly Order[];
}

interface CancelDialogProps {
  /** Null while nothing is to be cancelled. */
  readonly request: CancelRequest | null;
  readonly onClose: () => void;
  /** Every cancel was requested. */
  readonly onDone?: () => void;
}

/** Cancels one order or several for one reason, and names those that the server refused to cancel. */
export function CancelDialog({ request, onClose, onDone }: CancelDialogProps) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const cancel = useMutation(trpc.orders.cancelMany.mutationOptions());
  const orders = request?.orders ?? [];
  const [first] = orders;
  const run = async (reason: string): Promise<Answer> => {
    try {
      const results = await cancel.mutateAsync({ ids: orders.map(({ id }) => id), reason });
      const refusals = results.flatMap(({ id, outcome }) =>
        outcome.ok ? [] : [`${nameOf(orders.find((order) => order.id === id))}: ${outcome.message}`],
      );
      if (refusals.length === 0) onDone?.();
      else return { ok: false, message: refusalText(results.length - refusals.length, refusals) };
      return { ok: true };
    } finally {
      void client.invalidateQueries({ queryKey: trpc.orders.list.queryKey() });
      void client.invalidateQueries({ queryKey: trpc.orders.get.queryKey() });
    }
  };
  return (
    <ReasonDialog
      open={request !== null}
      title={orders.length > 1 ? `Cancel ${orders.length} orders` : 'Cancel this order'}
      confirm={orders.length > 1 ? `Cancel ${orders.length} orders` : 'Cancel order'}
      onClose={onClose}
      onSubmit={run}
      testId="cancel-dialog"
    >
      {orders.length === 1 && first !== undefined ? (
        <p>
          {formatQty(first.leavesQty)} of {formatQty(first.qty)} {first.symbol} are still open. A fill may still arrive
          until the broker confirms.
        </p>
      ) : (
        <>
          <ul className="num max-h-48 overflow-y-auto">
            {orders.map((order) => (
              <li key={order.id}>{nameOf(order)}</li>
            ))}
          </ul>
          <p>Fills may still arrive until the broker confirms each cancel.</p>
        </>
      )}
    </ReasonDialog>
  );
}

function nameOf(order: Order | undefined): string {
  return order === undefined ? 'An order' : `${order.side} ${formatQty(order.leavesQty)} ${order.symbol}`;
}

function refusalText(requested: number, refusals: readonly string[]): string {
  const start = requested === 0 ? 'No cancel was requested' : `${requested} requested; these were not`;
  return `${start}: ${refusals.join(' ')}`;
}
