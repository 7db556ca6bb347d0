'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { formatQty } from '@/components/format/number';
import { useMayOperate } from '@/components/shell/session';
import { useTRPC } from '@/components/trpc/client';
import type { OrderDetail } from '@/components/trpc/types';
import { Button } from '@/components/ui/button';
import { lazyDialog } from '@/components/ui/lazy-dialog';

const ReasonDialog = lazyDialog(async () => (await import('@/components/features/reason-dialog')).ReasonDialog);

/** Cancels the order with a reason; hidden once there is nothing to cancel. */
export function CancelButton({ detail }: { readonly detail: OrderDetail }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const may = useMayOperate();
  const [open, setOpen] = useState(false);
  const cancel = useMutation(trpc.orders.cancel.mutationOptions());
  const { order } = detail;
  if (!order.cancellable && !open) return null;
  const run = async (reason: string) => {
    try {
      return await cancel.mutateAsync({ id: order.id, reason });
    } finally {
      void client.invalidateQueries({ queryKey: [['orders']] });
    }
  };
  return (
    <>
      <Button
        variant="danger"
        disabled={!may}
        title={may ? undefined : 'Needs the role operator'}
        onClick={() => setOpen(true)}
        data-testid="cancel-order"
      >
        Cancel order…
      </Button>
      <ReasonDialog
        open={open}
        title="Cancel this order"
        confirm="Cancel order"
        onClose={() => setOpen(false)}
        onSubmit={run}
        testId="cancel-dialog"
      >
        <p>
          {formatQty(order.leavesQty)} of {formatQty(order.qty)} {order.symbol} are still open. A fill may still arrive
          until the broker confirms.
        </p>
      </ReasonDialog>
    </>
  );
}
