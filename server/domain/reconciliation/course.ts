import { transition } from '@/server/domain/order/lifecycle';
import type { OrderInput, OrderState } from '@/server/domain/order/types';
import { isClosed } from '@/server/domain/order/view';
import type { Units } from '@/server/kernel/money';
import { bookReal, inferFill } from './inferred-fill';
import { isBooked } from './match-execution';
import type { BrokerFill, BrokerOrderView } from './types';

export interface CourseStep {
  readonly input: OrderInput;
  readonly cumQty: Units | null;
}

/** Collects inputs and what they make of the order, so that each is chosen in the light of those before. */
export class Course {
  readonly steps: CourseStep[] = [];

  constructor(public state: OrderState) {}

  /** Takes an input unless the lifecycle refuses it or it changes nothing. */
  take(input: OrderInput, cumQty: Units | null = null): void {
    const step = transition(this.state, input);
    if (!step.ok || step.state === this.state) return;
    this.steps.push({ input, cumQty });
    this.state = step.state;
  }

  /** Real executions that are not booked yet, under whatever name. @param broker null where its order is not in the answer */
  takeExecutions(fills: readonly BrokerFill[], broker: BrokerOrderView | null): void {
    const named = new Set(fills.map(({ executionId }) => executionId));
    for (const fill of fills) {
      const total = this.state.cumQty + fill.qty;
      const beyond = isClosed(this.state.status) || (broker !== null && total > broker.filledQty);
      if (isBooked(this.state.fills, fill, { beyond, named })) continue;
      for (const input of bookReal(this.state, fill)) this.take(input, fill.cumQty);
    }
  }

  takeResidue(broker: BrokerOrderView): void {
    const residue = inferFill(this.state, broker);
    if (residue !== null) this.take(residue);
  }

  /** @param sessionOver the market has closed: what the broker calls done for the day has ended with its session (O-3) */
  takeStatus(broker: BrokerOrderView, sessionOver: boolean): void {
    const input = statusInput(this.state, broker, sessionOver);
    if (input !== null) this.take(input);
  }
}

/** What the broker's status adds to what its executions said. A close waits until all that was filled is known. */
function statusInput(state: OrderState, broker: BrokerOrderView, sessionOver: boolean): OrderInput | null {
  if (state.cumQty < broker.filledQty) return null;
  switch (broker.status) {
    case 'CANCELLED':
      return { kind: 'cancelled' };
    case 'REPLACED':
      return { kind: 'cancelled', reason: 'replaced at the broker' };
    case 'EXPIRED':
      return { kind: 'expired' };
    case 'REJECTED':
      // What traded was not refused: the rest of it has ended, and must not be waited for here.
      return state.cumQty > 0n
        ? { kind: 'cancelled', reason: 'rejected at the broker after it had traded' }
        : { kind: 'rejected' };
    case 'DONE_FOR_DAY':
      return sessionOver && state.timeInForce === 'DAY' ? { kind: 'expired' } : { kind: 'done_for_day' };
    case 'FILLED':
      return state.cancelRequested ? { kind: 'cancel_rejected', reason: 'filled' } : null;
    default:
      return null;
  }
}
