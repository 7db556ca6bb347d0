'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ReasonDialog } from '@/components/features/reason-dialog';
import { useTRPC } from '@/components/trpc/client';
import type { Portfolio } from '@/components/trpc/types';

interface WithdrawDialogProps {
  readonly exit: Portfolio['exits'][number] | null;
  readonly onClose: () => void;
}

/** Withdraws an exit: what is still held stays held. */
export function WithdrawDialog({ exit, onClose }: WithdrawDialogProps) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const withdraw = useMutation(trpc.portfolio.withdrawExit.mutationOptions());
  const run = async (reason: string) => {
    try {
      return await withdraw.mutateAsync({ exitId: exit?.id ?? '', reason });
    } finally {
      void client.invalidateQueries({ queryKey: [['portfolio']] });
    }
  };
  return (
    <ReasonDialog
      key={exit?.id ?? 'none'}
      open={exit !== null}
      title={`Withdraw the exit of ${exit?.symbol ?? ''}`}
      confirm="Withdraw exit"
      onClose={onClose}
      onSubmit={run}
      testId="withdraw-dialog"
    >
      <p>Cancels its open order. What is still held stays held; orders that were cancelled for it stay cancelled.</p>
    </ReasonDialog>
  );
}
