import { BatchReservations, gateInput } from '@/server/application/placing/gate-input';
import type { PlacementStore, StoredAnswer } from '@/server/application/ports/placement-store';
import type { OrderRequest } from '@/server/contracts/order';
import { evaluateGate } from '@/server/domain/policy/gate';
import type { Units } from '@/server/kernel/money';
import type { Side } from '@/server/kernel/vocabulary';

export interface SizedSignal {
  readonly signalId: string;
  readonly symbol: string;
  readonly action: Side;
  readonly principalId: string;
}

export interface SignalSize {
  readonly qty: Units;
  readonly rejected: boolean;
  /** What an earlier placement under the signal's key was answered: it is placed already. */
  readonly answered: StoredAnswer | null;
}

/** Key under which a signal is placed, once. */
export const signalKey = (signalId: string): string => `signal:${signalId}`;

/**
 * The quantity that the gate would approve for a market order of a stored signal, from the same state and by the same code.
 * 0 where nothing may be bought or sold. Advice alone: the gate judges the order anew when it is placed.
 */
export async function sizeSignal(store: PlacementStore, signal: SizedSignal): Promise<SignalSize> {
  const { signalId, symbol, action, principalId } = signal;
  const key = signalKey(signalId);
  const snapshot = await store.read([{ symbol, signalId, principalId, key }]);
  const request: OrderRequest = {
    signal_id: signalId,
    symbol,
    side: action,
    qty: '1',
    order_type: 'MARKET',
    time_in_force: 'DAY',
  };
  const input = gateInput(snapshot, new BatchReservations(), request);
  const decision = evaluateGate({ ...input, order: { ...input.order, qty: null } });
  const answered = snapshot.answers.get(`${principalId} ${key}`) ?? null;
  // Less than a share is no rejection: there is nothing to send, and nothing else in the way.
  const rejected = decision.reasons.some(({ code, tier }) => tier === 'REJECT' && code !== 'SIZE_EXCEEDED');
  return { qty: decision.approvedQty, rejected, answered };
}
