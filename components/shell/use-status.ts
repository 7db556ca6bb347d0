'use client';

import { useQuery } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { useTRPC } from '@/components/trpc/client';
import type { RouterOutputs, Status } from '@/components/trpc/types';

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

/** Where everything stands; kept fresh by the stream. `failed` while the last reading could not be had. */
export function useStatus(): { readonly status: Status; readonly failed: boolean } {
  const trpc = useTRPC();
  const initial = useInitial();
  const query = useQuery(
    trpc.system.status.queryOptions(undefined, { initialData: initial.status, refetchOnMount: false }),
  );
  return { status: query.data, failed: query.isError };
}

export function useApprovals() {
  const trpc = useTRPC();
  const initial = useInitial();
  return useQuery(
    trpc.approvals.list.queryOptions(undefined, { initialData: initial.approvals, refetchOnMount: false }),
  );
}
