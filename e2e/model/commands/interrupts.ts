import * as fc from 'fast-check';
import { type Interrupt, OutageError } from '../support/interrupts';
import type { System } from '../support/system';
import { type BrokerEvent, happen } from './broker-events';

/** The gentler ones more often: a run in which all ends at once shows little. */
const KINDS = ['crash', 'stall', 'halt', 'cancel', 'cancel', 'outage', 'outage', 'broker', 'broker', 'poll'] as const;

/** What happens in the middle of a worker's step, at which of its calls, and whether before or after it. */
export interface Disturbance {
  readonly kind: (typeof KINDS)[number];
  readonly at: number;
  readonly when: 'before' | 'after';
  readonly event: BrokerEvent;
}

export const disturbances = (event: fc.Arbitrary<BrokerEvent>): fc.Arbitrary<Disturbance | null> =>
  fc.option(
    fc.record({
      kind: fc.constantFrom(...KINDS),
      at: fc.integer({ min: 1, max: 14 }),
      when: fc.constantFrom('before' as const, 'after' as const),
      event,
    }),
    { freq: 2 },
  );

async function cancelNewest(system: System): Promise<void> {
  const { orders } = await system.look();
  const live = orders.filter(({ status }) => ['NEW', 'ACCEPTED', 'PARTIALLY_FILLED'].includes(status));
  const newest = live.at(-1);
  if (newest !== undefined) await system.cancel(newest.id);
}

/** A disturbance as the lifeline takes it. */
export function toInterrupt(system: System, disturbance: Disturbance | null): Interrupt | null {
  if (disturbance === null) return null;
  const { at, when, kind, event } = disturbance;
  const act: Interrupt['act'] = async (party) => {
    system.tally.add(`met ${kind}`);
    switch (kind) {
      case 'crash':
        return system.crashNow();
      case 'stall':
        return system.stall();
      case 'halt':
        return system.halt(true);
      case 'cancel':
        return cancelNewest(system);
      case 'outage':
        if (party === 'database') throw new OutageError('the connection broke');
        return;
      case 'broker':
        return happen(system.broker, event);
      case 'poll':
        return system.pollBeside();
    }
  };
  return { at, when, act };
}

export const wording = (disturbance: Disturbance | null): string =>
  disturbance === null
    ? ''
    : ` [${disturbance.when} call ${disturbance.at}: ${disturbance.kind}${disturbance.kind === 'broker' ? ` ${disturbance.event.kind}` : ''}]`;
