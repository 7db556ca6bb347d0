'use client';

import { useState } from 'react';
import { useMayOperate } from '@/components/shell/session';
import type { Order } from '@/components/trpc/types';
import { Button } from '@/components/ui/button';
import { CancelDialog } from './cancel-dialog';

/** Cancels the order with a reason; hidden once there is nothing to cancel. */
export function CancelButton({ order }: { readonly order: Order }) {
  const may = useMayOperate();
  const [open, setOpen] = useState(false);
  if (!order.cancellable && !open) return null;
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
      <CancelDialog request={open ? { orders: [order] } : null} onClose={() => setOpen(false)} />
    </>
  );
}
