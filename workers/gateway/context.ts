import type { Bot, BotPlacement } from '@/server/application/bots/place-bot-order';
import type { MarketReads } from '@/server/application/history/market-reads';
import type { BotAccountReads } from '@/server/application/ports/bot-account';
import type { BotOrder, BotOrders } from '@/server/application/ports/bot-orders';
import type { TokenVerdict } from '@/server/auth/tokens';
import type { Scope } from '@/server/contracts/access';
import type { BotOrderRequest } from '@/server/contracts/order';
import type { Actor } from '@/server/kernel/actor';
import type { Outcome } from '@/server/kernel/outcome';

/** What the gateway needs from the rest of the stack. */
export interface GatewayServices {
  readonly verifyToken: (token: string) => Promise<TokenVerdict>;
  readonly place: (bot: Bot, actor: Actor, clientOrderId: string, request: BotOrderRequest) => Promise<BotPlacement>;
  readonly cancel: (actor: Actor, order: BotOrder) => Promise<Outcome<{ status: string }>>;
  readonly orders: BotOrders;
  readonly account: BotAccountReads;
  readonly market: MarketReads;
  /** The policy in force, for agents. */
  readonly policy: () => Promise<object>;
  /** Base address of the console. */
  readonly consoleAddress: string;
  readonly newId: () => string;
  /** Epoch ms of the wall clock. */
  readonly nowMs: () => number;
  /** Whether a fault means that the database is away or overloaded. */
  readonly isUnavailable: (error: unknown) => boolean;
  /** Receives the cause of every 500. */
  readonly onFault: (error: unknown, requestId: string) => void;
}

/** A token that was verified, and what it may do. */
export interface Caller {
  readonly bot: Bot;
  readonly actor: Actor;
  readonly scopes: ReadonlySet<Scope>;
}
