import type { BookingInput, BookingRequest } from '@/server/application/booking/booking';
import type { Broker } from '@/server/application/ports/broker';
import { BrokerError } from '@/server/application/ports/broker';
import type { ExecutionStore, SendFacts } from '@/server/application/ports/execution-store';
import { type Mutant, SOUND } from './support/mutant';

/** The object with some of its methods put in place of its own. */
function replacing<T extends object>(target: T, changes: Partial<T>): T {
  return new Proxy(target, {
    get: (object, key, receiver) =>
      Object.hasOwn(changes, key) ? Reflect.get(changes, key) : Reflect.get(object, key, receiver),
  });
}

/** The store as if its re-check before a send read other facts. */
const seeing = (
  store: ExecutionStore,
  change: (facts: SendFacts, token: string) => Partial<SendFacts>,
): ExecutionStore =>
  replacing(store, {
    withSendLock: (fence, orderId, work) =>
      store.withSendLock(fence, orderId, (permit) =>
        work({ ...permit, facts: { ...permit.facts, ...change(permit.facts, fence.token) } }),
      ),
  });

/** Each delivery of an execution gets a name of its own. */
function renamed(item: BookingInput, n: number): BookingInput {
  const { input } = item;
  return input.kind === 'fill' ? { ...item, input: { ...input, executionId: `${input.executionId} ${n}` } } : item;
}

function booksTwice(store: ExecutionStore): ExecutionStore {
  let deliveries = 0;
  return replacing(store, {
    book: (fence, ref, request: BookingRequest, topics) => {
      deliveries += 1;
      const { inputs, source } = request;
      if (source !== 'STREAM' || typeof inputs === 'function') return store.book(fence, ref, request, topics);
      const again = inputs.map((item) => renamed(item, deliveries));
      return store.book(fence, ref, { ...request, inputs: again }, topics);
    },
  });
}

/** A failed query is read as "nothing there". */
async function orElse<T>(query: Promise<T>, nothing: T): Promise<T> {
  try {
    return await query;
  } catch (error) {
    if (error instanceof BrokerError) return nothing;
    throw error;
  }
}

const emptyWhenSilent = (broker: Broker): Broker =>
  replacing(broker, {
    openOrders: () => orElse(broker.openOrders(), []),
    positions: () => orElse(broker.positions(), []),
    orderById: (id) => orElse(broker.orderById(id), null),
    orderByClientId: (id) => orElse(broker.orderByClientId(id), null),
  });

/** Defects, each of which the model must find. */
export const MUTANTS: Readonly<Record<string, Mutant>> = {
  'an order in doubt is sent again without a look-up': {
    ...SOUND,
    broker: (broker) => replacing(broker, { orderByClientId: async () => null }),
  },
  'an execution that comes twice is booked twice': { ...SOUND, store: booksTwice },
  'a send does not ask whether trading is halted': {
    ...SOUND,
    store: (store) => seeing(store, () => ({ tradingState: 'ACTIVE', cancelRequested: false })),
  },
  'a send does not ask who holds the lease': {
    ...SOUND,
    store: (store) => seeing(store, (_facts, token) => ({ leaseHeld: true, claimToken: token, orderStatus: 'NEW' })),
  },
  'a query that failed is read as empty': { ...SOUND, broker: emptyWhenSilent },
};
