'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { RuleHit } from '@/components/trpc/types';
import type { Less } from './less';

export type DecideOutcome =
  | { readonly kind: 'approved'; readonly orderId: string }
  | { readonly kind: 'rejected' }
  | { readonly kind: 'refused'; readonly message: string; readonly hits: readonly RuleHit[] }
  | { readonly kind: 'failed'; readonly message: string };

interface ApproveOptions {
  readonly less?: Less;
  /** Where the server asked for it: a person who works alone approves their own request. */
  readonly password?: string;
}

/** What shows the decision. */
const SHOWN = ['list', 'get'];

/**
 * Approves and rejects, one request at a time however often the buttons are clicked. The outcome is the server's. After
 * a failed request the approval is refetched, since its decision may have been recorded.
 */
export function useDecide(id: string) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const approveCall = useMutation(trpc.approvals.approve.mutationOptions());
  const rejectCall = useMutation(trpc.approvals.reject.mutationOptions());
  const inFlight = useRef(false);
  const [busy, setBusy] = useState(false);
  const [needsPassword, setNeedsPassword] = useState(false);
  const [outcome, setOutcome] = useState<DecideOutcome | null>(null);

  const once = async (call: () => Promise<DecideOutcome>) => {
    if (inFlight.current) return;
    inFlight.current = true;
    setBusy(true);
    setOutcome(null);
    try {
      setOutcome(await call());
    } catch (error) {
      setOutcome({ kind: 'failed', message: messageOf(error) });
    } finally {
      void client.invalidateQueries({ queryKey: [['approvals', 'check']] });
      await Promise.all(SHOWN.map((query) => client.invalidateQueries({ queryKey: [['approvals', query]] })));
      inFlight.current = false;
      setBusy(false);
    }
  };

  /** Approves the order as shown, or `less` of it. */
  const approve = (shownHash: string, { less, password }: ApproveOptions = {}) =>
    once(async () => {
      const extras = {
        ...(less === undefined ? {} : { less }),
        ...(password === '' || password === undefined ? {} : { password }),
      };
      const answer = await approveCall.mutateAsync({ id, shownHash, ...extras });
      if (!answer.ok && answer.code === 'STEP_UP_NEEDED') setNeedsPassword(true);
      return answer.ok
        ? { kind: 'approved', orderId: answer.orderId }
        : { kind: 'refused', message: answer.message, hits: answer.reasons };
    });
  const reject = (reason: string) =>
    once(async () => {
      const answer = await rejectCall.mutateAsync({ id, reason });
      return answer.ok ? { kind: 'rejected' } : { kind: 'refused', message: answer.message, hits: answer.reasons };
    });
  return { approve, reject, busy, outcome, needsPassword };
}
