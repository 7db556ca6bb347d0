'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { isUnanswered, messageOf, useTRPC } from '@/components/trpc/client';
import type { TradingStateView } from '@/components/trpc/types';

export type KillChoice = 'reduce' | 'halt' | 'flatten';

export interface KillResult {
  readonly ok: boolean;
  readonly text: string;
  /** Nothing answered: the command line is the way out. */
  readonly unanswered?: true;
}

/** An answer that takes longer is announced as missing. */
const NO_ANSWER_MS = 2_500;
const RETRY_MS = 2_000;

/** The three ways to stop. What is shown afterwards is the server's answer, never a guess. */
export function useKill() {
  const trpc = useTRPC();
  const client = useQueryClient();
  const reduce = useMutation(trpc.trading.reduce.mutationOptions());
  const halt = useMutation(trpc.trading.halt.mutationOptions());
  const flatten = useMutation(trpc.trading.flatten.mutationOptions());
  const [busy, setBusy] = useState<KillChoice | null>(null);
  const [result, setResult] = useState<KillResult | null>(null);
  /** Closing the dialog ends further attempts. */
  const closed = useRef(false);
  useEffect(() => {
    closed.current = false;
    return () => {
      closed.current = true;
    };
  }, []);

  /** Writes the state that the server answered with where the top bar reads it. */
  const show = (view: TradingStateView) => {
    client.setQueryData(trpc.system.status.queryKey(), (status) =>
      status === undefined ? undefined : { ...status, trading: view },
    );
  };

  const act: Record<KillChoice, (reason: string) => Promise<KillResult>> = {
    reduce: async (reason) => {
      const outcome = await reduce.mutateAsync({ reason });
      if (!outcome.ok) return { ok: false, text: outcome.message };
      show(outcome.view);
      return { ok: true, text: 'Reduce only: orders that reduce positions are still allowed.' };
    },
    halt: async (reason) => {
      const outcome = await halt.mutateAsync({ reason });
      if (!outcome.ok) return { ok: false, text: outcome.message };
      show(outcome.view);
      return { ok: true, text: 'Halt requested. It is complete when it is verified.' };
    },
    flatten: async (reason) => {
      const halted = await act.halt(reason);
      if (!halted.ok) return halted;
      const outcome = await flatten.mutateAsync({
        reason: reason.length < 3 ? 'flatten from the kill dialog' : reason,
        confirm: 'FLATTEN',
      });
      if (!outcome.ok) return { ok: false, text: `Halted, but not flattened: ${outcome.message}` };
      const count = outcome.exitIds.length;
      return {
        ok: true,
        text:
          count === 0
            ? 'Halted. Nothing was held to flatten.'
            : `Halted. ${count} position${count === 1 ? ' is' : 's are'} being closed.`,
      };
    },
  };

  /** Repeats a request that got no answer until there is one: halting twice is harmless. @throws what the server answered */
  const untilAnswered = async (choice: KillChoice, reason: string): Promise<KillResult> => {
    for (;;) {
      try {
        return await act[choice](reason);
      } catch (error) {
        if (!isUnanswered(error) || closed.current) throw error;
        setResult({ ok: false, unanswered: true, text: 'No answer; trying again.' });
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        if (closed.current) throw error;
      }
    }
  };

  const run = async (choice: KillChoice, reason: string) => {
    if (busy !== null) return;
    setBusy(choice);
    setResult(null);
    const missing = setTimeout(
      () => setResult({ ok: false, unanswered: true, text: 'No answer yet; the request is still waiting.' }),
      NO_ANSWER_MS,
    );
    try {
      setResult(await untilAnswered(choice, reason));
    } catch (error) {
      setResult({ ok: false, text: messageOf(error) });
    } finally {
      clearTimeout(missing);
      setBusy(null);
      void client.invalidateQueries({ queryKey: [['system']] });
    }
  };

  return { run, busy, result, reset: () => setResult(null) };
}
