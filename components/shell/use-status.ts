'use client';

import { useQuery } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { useNow } from '@/components/live/now';
import { useTRPC } from '@/components/trpc/client';
import type { Approval, RouterOutputs, Status } from '@/components/trpc/types';

export interface ShellData {
  readonly status: Status;
  readonly approvals: RouterOutputs['approvals']['list'];
}

const Initial = createContext<ShellData | null>(null);
export const ShellDataProvider = Initial.Provider;

function useInitial(): ShellData {
  const initial = useContext(Initial);
  if (initial === null) throw new Error('The console shell is missing');
  return initial;
}

/** Where everything stands; kept fresh by the stream. `error` while the last reading could not be had. */
export function useStatus(): { readonly status: Status; readonly error: unknown } {
  const trpc = useTRPC();
  const initial = useInitial();
  const query = useQuery(
    trpc.system.status.queryOptions(undefined, { initialData: initial.status, refetchOnMount: false }),
  );
  return { status: query.data, error: query.error };
}

/** What still waits: an approval leaves the moment its time is up, not when the server says so. */
export function useWaiting(): readonly Approval[] {
  const { data } = useApprovals();
  const now = useNow();
  return data.pending.filter((approval) => Date.parse(approval.expiresAt) > now);
}

export function useApprovals() {
  const trpc = useTRPC();
  const initial = useInitial();
  return useQuery(
    trpc.approvals.list.queryOptions(undefined, { initialData: initial.approvals, refetchOnMount: false }),
  );
}
