import type { Broker, BrokerClock } from '@/server/application/ports/broker';
import type { ExitRequests, ExitStore } from '@/server/application/ports/exit-store';
import type { OrderStore } from '@/server/application/ports/order-store';
import { nextClose } from '@/server/domain/calendar';
import { STAGES } from '@/server/domain/policy/stages';
import { type Actor, SYSTEM_PRINCIPAL_ID } from '@/server/kernel/actor';
import type { RolloutStage } from '@/server/kernel/vocabulary';

const ACTOR: Actor = {
  kind: 'system',
  principalId: SYSTEM_PRINCIPAL_ID,
  name: 'system (close before the end of the session)',
  correlationId: 'close-before-end',
};

export interface FlattenParts {
  readonly broker: Pick<Broker, 'account' | 'clock' | 'positions'>;
  readonly exits: Pick<ExitRequests, 'request'> & Pick<ExitStore, 'otherOrders'>;
  readonly orders: Pick<OrderStore, 'requestCancel'>;
  /** The account that a person has confirmed; null before. */
  readonly confirmedAccount: () => Promise<string | null>;
  readonly newId: () => string;
  readonly monotonicMs: () => number;
  readonly hours: MarketHours;
  /** Called with the monotonic time of the close, null where there is none, as soon as the clock was read. */
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
  /** Why they are not being closed; null where they are. */
  readonly obstacle: string | null;
}

const notDue = (dueInMs: number | null): FlattenCheck => ({ dueInMs, left: [], obstacle: null });

/**
 * Market ms until the close, by the broker's own clock, which knows half days. Where it names no close, the exchange's calendar
 * does, unless the venue trades round the clock. Null while the market is closed.
 */
export function closeInMs(clock: BrokerClock, { roundTheClock }: MarketHours): number | null {
  if (!clock.isOpen || (clock.nextCloseMs === null && roundTheClock)) return null;
  return (clock.nextCloseMs ?? nextClose(clock.marketTimeMs)) - clock.marketTimeMs;
}

/** an account that nobody has confirmed is not ours to close. */
async function accountObstacle({ broker, confirmedAccount }: FlattenParts): Promise<string | null> {
  const confirmed = await confirmedAccount();
  if (confirmed === null) return 'nobody has confirmed the account';
  const { accountId } = await broker.account();
  return accountId === confirmed
    ? null
    : `the broker shows account ${accountId}, but ${confirmed} is the confirmed one`;
}

/**
 * One look: where the close is near, open orders are cancelled, so that nothing fills afterwards, and an exit is requested of
 * everything that the BROKER holds, long or short. It reads neither our market data nor our books, so that neither can leave a
 * position overnight, and passes in every trading state: it only lowers risk. Repeat it until the close.
 * @throws BrokerError
 */
export async function flattenBeforeClose(parts: FlattenParts, stage: RolloutStage): Promise<FlattenCheck> {
  const { broker, exits, orders, newId, monotonicMs, hours } = parts;
  const { flatBeforeCloseMs } = STAGES[stage];
  if (flatBeforeCloseMs === null) return notDue(null);
  const clockAskedMs = monotonicMs();
  const marketMs = closeInMs(await broker.clock(), hours);
  const closeAtMs = marketMs === null ? null : clockAskedMs + marketMs / hours.speed;
  parts.onCloseRead?.(closeAtMs);
  if (marketMs === null || closeAtMs === null) return notDue(null);
  const dueInMs = marketMs - flatBeforeCloseMs;
  if (dueInMs > 0) return notDue(dueInMs);
  const minutes = Math.round(flatBeforeCloseMs / 60_000);
  const reason = `${stage} is flat ${minutes} minutes before the close`;
  for (const orderId of await exits.otherOrders()) await orders.requestCancel(orderId, ACTOR, reason);
  const held = (await broker.positions()).filter(({ qty }) => qty !== 0n).map(({ symbol }) => symbol);
  const obstacle = held.length === 0 ? null : await accountObstacle(parts);
  if (obstacle !== null) return { dueInMs, left: held, obstacle };
  for (const symbol of held) {
    const endsInMs = Math.max(0, closeAtMs - monotonicMs());
    await exits.request(ACTOR, { id: newId(), symbol, source: 'CLOSE', qty: null, reason, stage, endsInMs });
  }
  return { dueInMs, left: held, obstacle: null };
}
