import type { BrokerActivity, BrokerOrder, BrokerPosition, NewBrokerOrder } from '@/server/application/ports/broker';
import { divideHalfAway, type Money, parseMoney, type Units } from '@/server/kernel/money';

/** One execution as the broker has it now. */
export interface Execution {
  /** Name under which it was last reported: a correction gives it a new one. */
  id: string;
  /** The statement goes on listing what was first reported. */
  readonly first: { readonly id: string; readonly qty: Units; readonly price: Units; readonly cumQty: Units };
  qty: Units;
  price: Units;
  busted: boolean;
  readonly atMs: number;
  /** The statement lists it from then on. */
  readonly listedAtMs: number;
}

export type BrokerStatus =
  | 'new'
  | 'partially_filled'
  | 'filled'
  | 'pending_cancel'
  | 'canceled'
  | 'expired'
  | 'rejected';

export interface HeldOrder {
  readonly externalOrderId: string;
  readonly terms: NewBrokerOrder;
  status: BrokerStatus;
  readonly executions: Execution[];
  readonly submittedAtMs: number;
  updatedAtMs: number;
  /** Something was reported of it after it had ended. */
  tradedLate: boolean;
  overfilled: boolean;
}

const OPENING_CASH = parseMoney('100000');
const MARK = 100n * 10n ** 12n;
const CLOSED: ReadonlySet<BrokerStatus> = new Set(['filled', 'canceled', 'expired', 'rejected']);

export const isOpen = (order: HeldOrder): boolean => !CLOSED.has(order.status);

const counted = (order: HeldOrder) => order.executions.filter(({ busted }) => !busted);
export const filledQty = (order: HeldOrder): Units => counted(order).reduce((sum, { qty }) => sum + qty, 0n);
const filledNotional = (order: HeldOrder): Money =>
  counted(order).reduce((sum, { qty, price }) => sum + qty * price, 0n);

const STATUS = {
  new: 'ACCEPTED',
  partially_filled: 'PARTIALLY_FILLED',
  filled: 'FILLED',
  canceled: 'CANCELLED',
  expired: 'EXPIRED',
  rejected: 'REJECTED',
} as const;

export function viewOf(order: HeldOrder): BrokerOrder {
  const filled = filledQty(order);
  const working = filled > 0n ? 'PARTIALLY_FILLED' : 'ACCEPTED';
  return {
    externalOrderId: order.externalOrderId,
    clientOrderId: order.terms.clientOrderId,
    symbol: order.terms.symbol,
    side: order.terms.side,
    qty: order.terms.qty,
    orderType: order.terms.orderType,
    limitPrice: order.terms.limitPrice,
    stopPrice: order.terms.stopPrice,
    timeInForce: order.terms.timeInForce,
    status: order.status === 'pending_cancel' ? working : STATUS[order.status],
    cancelPending: order.status === 'pending_cancel',
    filledQty: filled,
    filledAvgPrice: filled > 0n ? divideHalfAway(filledNotional(order), filled) : null,
    submittedAtMs: order.submittedAtMs,
    updatedAtMs: order.updatedAtMs,
  };
}

/** The broker's books: what it has taken in and what has traded. Nothing of ours is in it. */
export class BrokerBook {
  readonly orders: HeldOrder[] = [];

  open(): HeldOrder[] {
    return this.orders.filter(isOpen);
  }

  byId(externalOrderId: string): HeldOrder | null {
    return this.orders.find((order) => order.externalOrderId === externalOrderId) ?? null;
  }

  byClientId(clientOrderId: string): HeldOrder | null {
    return this.orders.find(({ terms }) => terms.clientOrderId === clientOrderId) ?? null;
  }

  /** Signed shares by symbol, zero included once it was traded. */
  positions(): Map<string, Units> {
    const held = new Map<string, Units>();
    for (const order of this.orders) {
      const { symbol, side } = order.terms;
      const qty = filledQty(order);
      if (order.executions.length > 0) held.set(symbol, (held.get(symbol) ?? 0n) + (side === 'BUY' ? qty : -qty));
    }
    return held;
  }

  cash(): Money {
    return this.orders.reduce((cash, order) => {
      const notional = filledNotional(order);
      return order.terms.side === 'BUY' ? cash - notional : cash + notional;
    }, OPENING_CASH);
  }

  equity(): Money {
    return [...this.positions().values()].reduce((sum, qty) => sum + qty * MARK, this.cash());
  }

  positionRows(): BrokerPosition[] {
    return [...this.positions()]
      .filter(([, qty]) => qty !== 0n)
      .map(([symbol, qty]) => ({ symbol, qty, marketPrice: MARK, cost: (qty < 0n ? -qty : qty) * MARK }));
  }

  /** The statement as it can be read at a time. */
  activities(afterMs: number, nowMs: number): BrokerActivity[] {
    return this.orders
      .flatMap((order) =>
        order.executions
          .filter(({ atMs, listedAtMs }) => atMs >= afterMs && listedAtMs <= nowMs)
          .map(({ first, atMs }): BrokerActivity & { kind: 'FILL' } => ({
            kind: 'FILL',
            activityId: `${atMs}::${first.id}`,
            executionId: first.id,
            externalOrderId: order.externalOrderId,
            symbol: order.terms.symbol,
            side: order.terms.side,
            qty: first.qty,
            price: first.price,
            cumQty: first.cumQty,
            atMs,
          })),
      )
      .sort((a, b) => a.atMs - b.atMs);
  }
}
