import { type Actor, SYSTEM_PRINCIPAL_ID } from '@/server/application/commands';
import type { BellStore } from '@/server/application/ports/bell-store';
import type { Broker, BrokerClock, BrokerPosition } from '@/server/application/ports/broker';
import type { Fence } from '@/server/application/ports/lease';
import type { OrderStore } from '@/server/application/ports/order-store';
import { STAGES } from '@/server/domain/policy/stages';
import type { RolloutStage } from '@/server/domain/policy/types';

const ACTOR: Actor = {
  kind: 'system',
  principalId: SYSTEM_PRINCIPAL_ID,
  name: 'system (close at the bell)',
  correlationId: 'close-at-bell',
};

export interface BellParts {
  readonly broker: Pick<Broker, 'clock' | 'positions'>;
  readonly bell: BellStore;
  readonly orders: Pick<OrderStore, 'requestCancel'>;
  readonly fence: Fence;
  readonly newId: () => string;
}

export interface BellLook {
  /** Market ms until everything must be flat; 0 or less: it must be now. Null where it need not be, or the market is closed. */
  readonly dueInMs: number | null;
  /** Symbols that the broker still holds though they are due. */
  readonly left: readonly string[];
}

/** Market ms until all must be flat, by the broker's own clock, which knows half days. */
export function flatDueInMs(stage: RolloutStage, clock: BrokerClock): number | null {
  const { flatBeforeCloseMs } = STAGES[stage];
  if (flatBeforeCloseMs === null || !clock.isOpen || clock.nextCloseMs === null) return null;
  return clock.nextCloseMs - clock.marketTimeMs - flatBeforeCloseMs;
}

/**
 * One look: where the close is near, what works is cancelled, so that nothing fills afterwards, and what the BROKER holds is
 * sold. It reads neither our market data nor our books, so that neither can leave a position overnight, and passes in every
 * trading state: it only lowers risk. Repeated until the close: what a first look could not close, a later one does.
 * @throws BrokerError, SupersededError
 */
export async function closeAtBell(parts: BellParts, stage: RolloutStage): Promise<BellLook> {
  const { broker, bell, orders, fence, newId } = parts;
  const clock = await broker.clock();
  const dueInMs = flatDueInMs(stage, clock);
  if (dueInMs === null || dueInMs > 0) return { dueInMs, left: [] };
  const minutes = Math.round((STAGES[stage].flatBeforeCloseMs ?? 0) / 60_000);
  const reason = `${stage} is flat ${minutes} minutes before the close`;
  for (const orderId of await bell.working()) await orders.requestCancel(orderId, ACTOR, reason);
  const held = (await broker.positions()).filter(({ qty }) => qty !== 0n);
  for (const position of held.filter(({ qty }) => qty > 0n)) {
    await bell.close(fence, closeOf(position, newId(), reason));
  }
  return { dueInMs, left: held.map(({ symbol }) => symbol) };
}

const closeOf = ({ symbol, qty }: BrokerPosition, orderId: string, reason: string) => ({
  orderId,
  symbol,
  qty,
  actor: ACTOR.name,
  principalId: ACTOR.principalId,
  reason,
});
