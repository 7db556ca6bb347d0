'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ReasonDialog } from '@/components/features/reason-dialog';
import { formatQty } from '@/components/format/number';
import { useTRPC } from '@/components/trpc/client';
import type { Portfolio } from '@/components/trpc/types';

interface CloseDialogProps {
  readonly portfolio: Portfolio;
  readonly symbol: string | null;
  readonly onClose: () => void;
}

/** Closes the position in one symbol. */
export function CloseDialog({ portfolio, symbol, onClose }: CloseDialogProps) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const close = useMutation(trpc.portfolio.closePosition.mutationOptions());
  const position = portfolio.positions.find((row) => row.symbol === symbol);
  const run = async (reason: string) => {
    try {
      return await close.mutateAsync({ symbol: symbol ?? '', reason });
    } finally {
      void client.invalidateQueries({ queryKey: [['portfolio']] });
    }
  };
  return (
    <ReasonDialog
      key={symbol ?? 'none'}
      open={symbol !== null}
      title={`Close ${symbol ?? ''}`}
      confirm="Close position"
      onClose={onClose}
      onSubmit={run}
      testId="close-dialog"
    >
      <p>
        Cancels open {symbol} orders, then {position?.qty.startsWith('-') === true ? 'buys' : 'sells'} what the broker
        holds, {formatQty(position?.qty.replace('-', ''))} shares by our books. Bypasses policy; audited.
      </p>
    </ReasonDialog>
  );
}
