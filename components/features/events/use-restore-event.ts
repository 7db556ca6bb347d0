'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTRPC } from '@/components/trpc/client';

/** Puts a removed event back into effect. */
export function useRestoreEvent() {
  const trpc = useTRPC();
  const client = useQueryClient();
  return useMutation(
    trpc.events.restore.mutationOptions({
      onSettled: () => void client.invalidateQueries({ queryKey: [['events']] }),
    }),
  );
}
