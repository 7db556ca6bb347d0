import type { Commands } from '@/server/application/commands';
import type { SignalPlacement } from '@/server/application/placing/placement';
import type { SignalTask } from '@/server/application/ports/signal-tasks';
import { type Actor, SYSTEM_PRINCIPAL_ID } from '@/server/kernel/actor';
import type { SignalOutcome } from '@/server/kernel/vocabulary';

/** How a task ends: `detail` is the code of the rule that rejected. */
export interface SignalEnd {
  readonly outcome: SignalOutcome;
  readonly detail: string | null;
}

/** What a placement means for the task; null when it must be tried again. */
function endOf(placement: SignalPlacement): SignalEnd | null {
  switch (placement.kind) {
    case 'PLACED':
    case 'REVIEW':
    case 'NO_SHARES':
      return { outcome: placement.kind, detail: null };
    case 'REJECTED':
      return { outcome: placement.code === 'SIGNAL_EXPIRED' ? 'EXPIRED' : 'REJECTED', detail: placement.code };
    case 'KEY_REUSED':
    case 'KEY_IN_FLIGHT':
    case 'FOREIGN_SIGNAL':
    case 'UNAVAILABLE':
      return null;
  }
}

/** Places a stored signal in the name of its principal. @returns null when the gate could not decide now */
export async function placeSignal(
  commands: Pick<Commands, 'placeSignal'>,
  task: SignalTask,
): Promise<SignalEnd | null> {
  const { signalId, principalId, strategy } = task;
  const kind = principalId === SYSTEM_PRINCIPAL_ID ? 'strategy' : 'token';
  const actor: Actor = { kind, principalId, name: strategy, correlationId: signalId };
  return endOf(await commands.placeSignal(actor, task));
}
