import * as fc from 'fast-check';
import { type Execution, filledQty, type HeldOrder, isOpen } from '../support/broker-book';
import type { ModelBroker } from '../support/model-broker';

const ONE = 10n ** 12n;
const CENT = 10n ** 10n;

/** What happens at the broker. `pick` chooses among the orders that it can happen to. */
export interface BrokerEvent {
  readonly kind: 'part' | 'fill' | 'cancelled' | 'expired' | 'rejected' | 'bust' | 'correct' | 'late-fill' | 'overfill';
  readonly pick: number;
  readonly cents: number;
  /** The stream names the execution. */
  readonly named: boolean;
  /** The statement lists the execution so much later. */
  readonly lagMs: number;
}

export const brokerEvents: fc.Arbitrary<BrokerEvent> = fc.record({
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('part' as const, 'fill' as const, 'cancelled' as const) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        'expired' as const,
        'rejected' as const,
        'bust' as const,
        'correct' as const,
        'late-fill' as const,
        'overfill' as const,
      ),
    },
  ),
  pick: fc.nat(5),
  cents: fc.integer({ min: -1, max: 1 }),
  named: fc.boolean(),
  lagMs: fc.constantFrom(0, 0, 700, 2_500),
});

const chosen = <T>(from: readonly T[], pick: number): T | undefined =>
  from.length === 0 ? undefined : from[pick % from.length];

const rest = (order: HeldOrder) => order.terms.qty - filledQty(order);

function trade(broker: ModelBroker, order: HeldOrder | undefined, qty: bigint, event: BrokerEvent): void {
  if (order === undefined || qty <= 0n) return;
  const price = 100n * ONE + BigInt(event.cents) * CENT;
  broker.trade(order, qty, price, { named: event.named, listedAfterMs: event.lagMs });
}

function amend(broker: ModelBroker, event: BrokerEvent): void {
  const all = broker.book.orders.flatMap((order) =>
    order.executions.map((execution): [HeldOrder, Execution] => [order, execution]),
  );
  const found = chosen(
    all.filter(([, { busted }]) => !busted),
    event.pick,
  );
  if (found === undefined) return;
  const [order, execution] = found;
  const qty = execution.qty > ONE ? execution.qty - ONE : execution.qty;
  broker.amend(order, execution, event.kind === 'bust' ? null : { qty, price: execution.price + CENT });
}

/** Makes it happen, where there is an order that it can happen to. */
export async function happen(broker: ModelBroker, event: BrokerEvent): Promise<void> {
  broker.land();
  const open = chosen(broker.book.open(), event.pick);
  switch (event.kind) {
    case 'part':
      return trade(broker, open, open === undefined ? 0n : (rest(open) / ONE / 2n) * ONE, event);
    case 'fill':
      return trade(broker, open, open === undefined ? 0n : rest(open), event);
    case 'cancelled':
    case 'expired':
      if (open !== undefined) broker.finish(open, event.kind === 'expired' ? 'expired' : 'canceled');
      return;
    case 'rejected': {
      const untraded = chosen(
        broker.book.open().filter((order) => order.executions.length === 0),
        event.pick,
      );
      if (untraded !== undefined) broker.finish(untraded, 'rejected');
      return;
    }
    case 'bust':
    case 'correct':
      return amend(broker, event);
    case 'late-fill': {
      const ended = broker.book.orders.filter(
        (order) => !isOpen(order) && order.status !== 'filled' && rest(order) > 0n,
      );
      return trade(broker, chosen(ended, event.pick), ONE, event);
    }
    case 'overfill': {
      const filled = broker.book.orders.filter(({ status, terms }) => status === 'filled' && terms.side === 'BUY');
      return trade(broker, chosen(filled, event.pick), ONE, event);
    }
  }
}
