import type { Broker } from '@/server/application/ports/broker';
import type { ExecutionStore } from '@/server/application/ports/execution-store';

/** A defect put between the use cases and what they call. */
export interface Mutant {
  readonly broker: (broker: Broker) => Broker;
  readonly store: (store: ExecutionStore) => ExecutionStore;
}

/** Nothing is wrong. */
export const SOUND: Mutant = { broker: (broker) => broker, store: (store) => store };
