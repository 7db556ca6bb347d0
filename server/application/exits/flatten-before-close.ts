import type { Broker, BrokerClock, BrokerPosition } from '@/server/application/ports/broker';
import type { CloseoutOrder, CloseoutStore } from '@/server/application/ports/closeout-store';
import type { Fence } from '@/server/application/ports/lease';
import type { OrderStore } from '@/server/application/ports/order-store';
import { nextClose } from '@/server/domain/calendar';
import { STAGES } from '@/server/domain/policy/stages';
import { type Actor, SYSTEM_PRINCIPAL_ID } from '@/server/kernel/actor';
import type { RolloutStage } from '@/server/kernel/vocabulary';

const ACTOR: Actor = {
  kind: 'system',
  principalId: SYSTEM_PRINCIPAL_ID,
  name: 'system (close at the bell)',
  correlationId: 'close-at-bell',
};

export interface FlattenParts {
  readonly broker: Pick<Broker, 'clock' | 'positions'>;
  readonly closeouts: CloseoutStore;
  readonly orders: Pick<OrderStore, 'requestCancel'>;
  readonly fence: Fence;
  readonly newId: () => string;
  readonly monotonicMs: () => number;
  readonly hours: MarketHours;
  /** Hears of each clock that was read, before anything else is asked: the monotonic time of the close, null where there is none. */
  readonly onCloseRead?: (closeAtMs: number | null) => void;
}

export interface MarketHours {
  /** Market seconds a wall second. */
  readonly speed: number;
  readonly roundTheClock: boolean;
}

export interface FlattenCheck {
  /** Market ms until everything must be flat; 0 or less: it must be now. Null where it need not be, or the market is closed. */
  readonly dueInMs: number | null;
  /** Symbols that the broker still holds though they are due. */
  readonly left: readonly string[];
}

/**
 * Market ms until the close, by the broker's own clock, which knows half days. Where it names no close, the exchange's calendar
 * does, unless the venue trades round the clock. Null while the market is closed.
 */
export function closeInMs(clock: BrokerClock, { roundTheClock }: MarketHours): number | null {
  if (!clock.isOpen || (clock.nextCloseMs === null && roundTheClock)) return null;
  return (clock.nextCloseMs ?? nextClose(clock.marketTimeMs)) - clock.marketTimeMs;
}

/**
 * One look: where the close is near, what works is cancelled, so that nothing fills afterwards, and what the BROKER holds is
 * sold. It reads neither our market data nor our books, so that neither can leave a position overnight, and passes in every
 * trading state: it only lowers risk. Repeated until the close: what a first look could not close, a later one does.
 * @throws BrokerError, SupersededError
 */
export async function flattenBeforeClose(parts: FlattenParts, stage: RolloutStage): Promise<FlattenCheck> {
  const { broker, closeouts, orders, fence, newId, monotonicMs, hours } = parts;
  const { flatBeforeCloseMs } = STAGES[stage];
  if (flatBeforeCloseMs === null) return { dueInMs: null, left: [] };
  const clockAskedMs = monotonicMs();
  const marketMs = closeInMs(await broker.clock(), hours);
  const closeAtMs = marketMs === null ? null : clockAskedMs + marketMs / hours.speed;
  parts.onCloseRead?.(closeAtMs);
  if (marketMs === null || closeAtMs === null) return { dueInMs: null, left: [] };
  const dueInMs = marketMs - flatBeforeCloseMs;
  if (dueInMs > 0) return { dueInMs, left: [] };
  const minutes = Math.round(flatBeforeCloseMs / 60_000);
  const reason = `${stage} is flat ${minutes} minutes before the close`;
  for (const orderId of await closeouts.working()) await orders.requestCancel(orderId, ACTOR, reason);
  // Whatever fills after this moment may be missing from the answer, however long it takes.
  const askedMs = monotonicMs();
  const terms = { reason, stage, ageMs: () => monotonicMs() - askedMs, closeInMs: closeAtMs - askedMs };
  const held = (await broker.positions()).filter(({ qty }) => qty !== 0n);
  for (const position of held.filter(({ qty }) => qty > 0n)) {
    await closeouts.close(fence, closeOf(position, newId(), terms));
  }
  return { dueInMs, left: held.map(({ symbol }) => symbol) };
}

type Terms = Pick<CloseoutOrder, 'reason' | 'stage' | 'ageMs' | 'closeInMs'>;

const closeOf = ({ symbol, qty }: BrokerPosition, orderId: string, terms: Terms): CloseoutOrder => ({
  ...terms,
  orderId,
  symbol,
  qty,
  actor: ACTOR.name,
  principalId: ACTOR.principalId,
});
