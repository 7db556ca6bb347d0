'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ReasonDialog } from '@/components/features/reason-dialog';
import { infoText } from '@/components/features/system/info-text';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { OpenBreak } from '@/components/trpc/types';
import { Fact } from '@/components/ui/panel';

interface ResolveDialogProps {
  readonly chosen: OpenBreak | null;
  readonly onClose: () => void;
}

export function causeText(cause: string): string {
  return cause.toLowerCase().replaceAll('_', ' ');
}

/** Closes a break with a reason; its books are not touched. */
export function ResolveDialog({ chosen, onClose }: ResolveDialogProps) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const resolve = useMutation(trpc.system.resolveBreak.mutationOptions());
  const refused = resolve.data !== undefined && !resolve.data.ok ? resolve.data.message : null;
  const close = () => {
    // What was said of one break is not said of the next.
    resolve.reset();
    onClose();
  };
  const run = async (reason: string) => {
    if (chosen === null) return;
    try {
      // The audit keeps one line.
      const outcome = await resolve.mutateAsync({ breakId: chosen.id, reason: reason.replace(/\s+/g, ' ') });
      if (outcome.ok) close();
    } catch {
      // Shown in the dialog, from the mutation's own state.
    } finally {
      void client.invalidateQueries({ queryKey: [['system']] });
    }
  };
  return (
    <ReasonDialog
      key={chosen?.id ?? 'none'}
      open={chosen !== null}
      title={`Resolve the break on ${chosen?.symbol ?? ''}`}
      confirm="Resolve"
      busy={resolve.isPending}
      problem={resolve.isError ? messageOf(resolve.error) : refused}
      onClose={close}
      onConfirm={(reason) => void run(reason)}
      testId="resolve-dialog"
    >
      <dl className="grid grid-cols-1 gap-2 sm:grid-cols-3">
        <Fact label="Cause">{causeText(chosen?.cause ?? '')}</Fact>
        <Fact label="We hold">{infoText(chosen?.ours ?? {})}</Fact>
        <Fact label="The broker holds">{infoText(chosen?.theirs ?? {})}</Fact>
      </dl>
      <p>
        Resolving books nothing: it says that you know why. What still differs at the next reconciliation opens a new
        break.
      </p>
    </ReasonDialog>
  );
}
