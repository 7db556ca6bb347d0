import type { Approval } from '@/components/trpc/types';

/** Requests for the same trade: what a strategy asks for again and again. */
export interface RequestGroup {
  readonly key: string;
  /** Newest first. */
  readonly requests: readonly Approval[];
}

/** Pending requests by strategy, symbol and side; the group with the soonest expiry first. */
export function groupRequests(pending: readonly Approval[]): readonly RequestGroup[] {
  const groups = new Map<string, Approval[]>();
  for (const request of pending) {
    const key = `${request.strategy} ${request.symbol} ${request.side}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [request]);
    else group.push(request);
  }
  const soonest = (requests: readonly Approval[]) =>
    requests.reduce((least, { expiresAt }) => (expiresAt < least ? expiresAt : least), requests[0]?.expiresAt ?? '');
  return [...groups]
    .map(([key, requests]) => ({ key, requests: requests.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt)) }))
    .sort((a, b) => soonest(a.requests).localeCompare(soonest(b.requests)));
}
