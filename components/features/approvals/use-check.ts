'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useStatus } from '@/components/shell/use-status';
import { useTRPC } from '@/components/trpc/client';
import type { RouterOutputs } from '@/components/trpc/types';

type Check = RouterOutputs['approvals']['check'];

/** The gate is asked again this often while an approval is open. */
const EVERY_MS = 5_000;

export interface LiveCheck {
  /** What approving would be refused for now; null where it would be placed, or while the server has not answered. */
  readonly refusal: Extract<Check, { ok: false }> | null;
  /** Gross exposure with the order filled, a fraction of equity; null while unknown. */
  readonly exposureAfter: string | null;
}

/**
 * Asks the gate what approving would be answered at this moment, again every 5 s and when the trading state changes.
 * @param open whether the approval can still be decided
 */
export function useCheck(id: string, open: boolean): LiveCheck {
  const trpc = useTRPC();
  const { status } = useStatus();
  const client = useQueryClient();
  const { data } = useQuery(trpc.approvals.check.queryOptions({ id }, { enabled: open, refetchInterval: EVERY_MS }));
  const { version } = status.trading;
  const judgedAt = useRef(version);
  useEffect(() => {
    if (judgedAt.current === version) return;
    judgedAt.current = version;
    void client.invalidateQueries({ queryKey: trpc.approvals.check.queryKey({ id }) });
  }, [client, trpc, id, version]);
  if (data === undefined || !open) return { refusal: null, exposureAfter: null };
  return data.ok ? { refusal: null, exposureAfter: data.exposureAfter } : { refusal: data, exposureAfter: null };
}
