import { z } from 'zod';
import type { Commands } from '@/server/application/commands';
import { signalKey, sizeSignal } from '@/server/application/placing/size-signal';
import type { PlacementStore } from '@/server/application/ports/placement-store';
import type { SignalTask } from '@/server/application/ports/signal-tasks';
import { type Actor, SYSTEM_PRINCIPAL_ID } from '@/server/kernel/actor';
import { formatUnits } from '@/server/kernel/money';
import type { SignalOutcome } from '@/server/kernel/vocabulary';

const ONE_SHARE = 10n ** 12n;

/** How a task ends: `detail` is the code of the rule that rejected. */
export interface SignalEnd {
  readonly outcome: SignalOutcome;
  readonly detail: string | null;
}

const codeSchema = z.object({ code: z.string() });

/** What an answer of the gate means for the task; null when it could not decide now. */
function endOf(statusCode: number, body: string): SignalEnd | null {
  if (statusCode === 201) return { outcome: 'PLACED', detail: null };
  if (statusCode === 202) return { outcome: 'REVIEW', detail: null };
  if (statusCode !== 422) return null;
  const parsed = codeSchema.safeParse(JSON.parse(body));
  const detail = parsed.success ? parsed.data.code : null;
  return { outcome: detail === 'SIGNAL_EXPIRED' ? 'EXPIRED' : 'REJECTED', detail };
}

/**
 * Sizes a stored signal as the gate would and places it under its own key: whoever does it again, after whatever death, has no
 * second effect and learns the same end. @returns null when the gate could not decide now
 */
export async function placeSignal(
  parts: { readonly placements: PlacementStore; readonly commands: Pick<Commands, 'placeOrder'> },
  task: SignalTask,
): Promise<SignalEnd | null> {
  const { signalId, symbol, action, principalId, strategy } = task;
  const sized = await sizeSignal(parts.placements, { signalId, symbol, action, principalId });
  if (sized.answered !== null) return endOf(sized.answered.statusCode, sized.answered.body);
  if (sized.qty === 0n && !sized.rejected) return { outcome: 'NO_SHARES', detail: null };
  // A rejection is worth recording: the gate says no to one share as well.
  const qty = formatUnits(sized.qty === 0n ? ONE_SHARE : sized.qty);
  const kind = principalId === SYSTEM_PRINCIPAL_ID ? 'strategy' : 'token';
  const actor: Actor = { kind, principalId, name: strategy, correlationId: signalId };
  const order = { signal_id: signalId, symbol, side: action, qty, order_type: 'MARKET', time_in_force: 'DAY' } as const;
  const answer = await parts.commands.placeOrder(actor, signalKey(signalId), order);
  return endOf(answer.statusCode, answer.body);
}
