'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ReasonDialog } from '@/components/features/reason-dialog';
import { useTRPC } from '@/components/trpc/client';
import type { BotRow } from '@/components/trpc/types';

interface StopBotDialogProps {
  readonly bot: BotRow | null;
  readonly onClose: () => void;
}

/** Stops a bot for good. */
export function StopBotDialog({ bot, onClose }: StopBotDialogProps) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const stop = useMutation(trpc.bots.stop.mutationOptions());
  const run = async (reason: string) => {
    try {
      return await stop.mutateAsync({ id: bot?.id ?? '', reason });
    } finally {
      void client.invalidateQueries({ queryKey: [['bots']] });
    }
  };
  return (
    <ReasonDialog
      key={bot?.id ?? 'none'}
      open={bot !== null}
      title={`Stop ${bot?.name ?? ''}`}
      confirm="Stop bot"
      onClose={onClose}
      onSubmit={run}
      testId="stop-bot-dialog"
    >
      <p>
        Ends its token for good, cancels its {bot?.open ?? 0} open orders and rejects its {bot?.waiting ?? 0} waiting
        requests. Its positions stay, with their protective stops: close them on the Portfolio page.
      </p>
    </ReasonDialog>
  );
}
