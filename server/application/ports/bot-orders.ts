import type { ApprovalStatus, DisplayStatus, OrderType, Side, TimeInForce } from '@/server/kernel/vocabulary';

/** The stop that protects what an order of a bot has brought. Decimal text; times are epoch ms. */
export interface BotStop {
  readonly id: string;
  readonly status: DisplayStatus;
  readonly qty: string;
  readonly cumQty: string;
  readonly avgPrice: string | null;
  readonly stopPrice: string;
  readonly timeInForce: TimeInForce;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly acceptedAtMs: number | null;
  readonly closedAtMs: number | null;
}

/** An order of a bot: one that was placed, or one that waits for a person. Quantities and prices are decimal text, times epoch ms. */
export interface BotOrder {
  /** The approval's id where there is one, otherwise the order's: it stays the same when a person has decided. */
  readonly id: string;
  readonly botId: string;
  readonly clientOrderId: string;
  /** Null until it is placed. */
  readonly orderId: string | null;
  /** Null where no person had to decide. */
  readonly approvalId: string | null;
  readonly symbol: string;
  readonly side: Side;
  readonly qty: string;
  readonly orderType: OrderType;
  readonly limitPrice: string | null;
  readonly stopPrice: string | null;
  readonly protectiveStopPrice: string | null;
  readonly timeInForce: TimeInForce;
  /** The approval's while nothing was placed. */
  readonly status: DisplayStatus | ApprovalStatus;
  readonly cumQty: string;
  readonly avgPrice: string | null;
  /** Whether the bot itself ended its request before a person decided. */
  readonly withdrawn: boolean;
  /** Why the broker or a person refused it. */
  readonly reason: string | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly acceptedAtMs: number | null;
  readonly closedAtMs: number | null;
  readonly stop: BotStop | null;
}

export interface BotOrderQuery {
  readonly status: 'open' | 'closed' | 'all';
  /** Empty for all. */
  readonly symbols: readonly string[];
  readonly side: Side | null;
  /** Only orders created after or before, epoch ms. */
  readonly afterMs: number | null;
  readonly untilMs: number | null;
  readonly direction: 'asc' | 'desc';
  readonly limit: number;
}

/** An execution of an order of a bot. */
export interface BotFill {
  readonly executionId: string;
  readonly orderId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly qty: string;
  readonly price: string;
  /** Filled and open after it. */
  readonly cumQty: string;
  readonly leavesQty: string;
  /** Shares of the account after it, as far as they are known now. */
  readonly positionQty: string;
  readonly atMs: number;
  /** When it was stored here. */
  readonly bookedAtMs: number;
}

/** What a bot asks for, as the candidate that its order rests on. */
export interface BotSignal {
  readonly id: string;
  readonly eventId: string;
  readonly botId: string;
  readonly principalId: string;
  readonly clientOrderId: string;
  readonly strategy: string;
  readonly symbol: string;
  readonly action: Side;
  readonly confidence: number | null;
  /** Most that the order may be, as a share of equity. */
  readonly sizePct: number;
  readonly ttlMs: number;
}

export interface BotOrders {
  /** Stores the candidate once for each client order id. @returns the id of the stored one; null where the bot was stopped */
  register(signal: BotSignal): Promise<string | null>;
  /** By {@link BotOrder.id}, or by the id of the order. */
  byId(botId: string, id: string): Promise<BotOrder | null>;
  byClientOrderId(botId: string, clientOrderId: string): Promise<BotOrder | null>;
  list(botId: string, query: BotOrderQuery): Promise<readonly BotOrder[]>;
  /** The orders of any bot that the ids, of orders or approvals, belong to. */
  byIds(ids: readonly string[]): Promise<readonly BotOrder[]>;
  /** Executions of its orders that were not annulled, newest first. */
  fills(botId: string, query: Omit<BotOrderQuery, 'status'>): Promise<readonly BotFill[]>;
  /** Executions of one order, oldest first. */
  fillsOf(orderId: string): Promise<readonly BotFill[]>;
}
