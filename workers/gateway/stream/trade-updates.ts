import type { WebSocket } from 'ws';
import type { BotFill, BotOrder, BotOrders } from '@/server/application/ports/bot-orders';
import type { FeedListener, OutboxFeed } from '@/server/application/ports/outbox-feed';
import type { OutboxMessage } from '@/server/contracts/console/stream';
import { type Console, presentOrder } from '../alpaca/present-order';
import { type Authenticate, asRecord, BotSocket, type Message } from './socket';

/** Alpaca's word for what an event means to a bot. Fills are told one by one. */
const EVENTS: Readonly<Record<string, string>> = {
  'approval.requested': 'accepted',
  'order.created': 'pending_new',
  'order.accepted': 'new',
  'order.rejected': 'rejected',
  'order.expired': 'expired',
  'order.cancel_requested': 'pending_cancel',
  'order.cancelled': 'canceled',
};
const FILL_TOPICS = new Set(['order.partially_filled', 'order.filled']);
/** What becomes of a request that a person does not approve; an approved one goes on as an order. */
const DECIDED: Readonly<Record<string, string>> = { REJECTED: 'rejected', EXPIRED: 'expired', WITHDRAWN: 'canceled' };
/** Executions that were told. The oldest are forgotten: they do not come again. */
const REMEMBERED = 20_000;

interface Client {
  readonly socket: BotSocket;
  listening: boolean;
}

interface Parts {
  readonly feed: OutboxFeed;
  readonly orders: Pick<BotOrders, 'byIds' | 'fillsOf'>;
  readonly console: Console;
  readonly onFault: (error: unknown) => void;
}

/**
 * The account's stream of Alpaca (`/stream`): `authenticate` or `auth`, then `listen` to `trade_updates`. A bot hears of its own orders
 * alone, also of what a person decides on them. Events are told in the order in which they were committed.
 */
export class TradeUpdates {
  private readonly clients = new Set<Client>();
  private readonly told = new Set<string>();
  private queue: Promise<void> = Promise.resolve();
  private readonly leave: () => void;
  private readonly sinceMs = Date.now();
  private whenUp: () => void = () => undefined;
  /** What is committed from now on is heard. */
  private readonly up = new Promise<void>((resolve) => {
    this.whenUp = resolve;
  });

  private readonly listener: FeedListener = {
    outbox: (messages) => {
      const wanted = messages.filter(({ topic }) => topic.startsWith('order.') || topic.startsWith('approval.'));
      if (wanted.length === 0 || ![...this.clients].some(({ listening }) => listening)) return;
      this.queue = this.queue.then(() => this.tell(wanted)).catch(this.parts.onFault);
    },
    quote: () => undefined,
    connected: (up) => {
      if (up) this.whenUp();
    },
  };

  constructor(private readonly parts: Parts) {
    this.leave = parts.feed.subscribe(this.listener);
  }

  connect(socket: WebSocket, headers: Readonly<Record<string, unknown>>, verify: Authenticate): void {
    const msgpack = headers['content-type'] === 'application/msgpack';
    const client: Client = { socket: new BotSocket(socket, { msgpack, binary: true }, verify), listening: false };
    this.clients.add(client);
    socket.on('close', () => this.clients.delete(client));
    socket.on('message', (data) =>
      client.socket.follow(() => this.onMessage(client, client.socket.read(data)), this.parts.onFault),
    );
  }

  close(): void {
    this.leave();
  }

  private async tell(messages: readonly OutboxMessage[]): Promise<void> {
    const orders = await this.parts.orders.byIds([...new Set(messages.map(({ subject }) => subject))]);
    const byId = new Map(
      orders.flatMap((order) => [order.id, order.orderId].flatMap((id) => (id === null ? [] : [[id, order] as const]))),
    );
    for (const { topic, subject } of messages) {
      const order = byId.get(subject);
      if (order === undefined || !this.isHeard(order.botId)) continue;
      if (FILL_TOPICS.has(topic)) await this.tellFills(order);
      else this.tellEvent(order, topic);
    }
  }

  private tellEvent(order: BotOrder, topic: string): void {
    const decided = order.withdrawn ? 'canceled' : DECIDED[order.status];
    const event = topic === 'approval.decided' ? decided : EVENTS[topic];
    if (event === undefined) return;
    this.publish(order, { event, timestamp: new Date(order.updatedAtMs).toISOString() });
  }

  /** Executions that were not told yet; those of before the first listener are history. */
  private async tellFills(order: BotOrder): Promise<void> {
    if (order.orderId === null) return;
    for (const fill of await this.parts.orders.fillsOf(order.orderId)) {
      const key = `${order.orderId} ${fill.executionId}`;
      if (this.told.has(key) || fill.bookedAtMs < this.sinceMs) continue;
      this.remember(key);
      this.publish(asOf(order, fill), fillData(fill));
    }
  }

  private remember(key: string): void {
    this.told.add(key);
    if (this.told.size <= REMEMBERED) return;
    const [oldest] = this.told;
    if (oldest !== undefined) this.told.delete(oldest);
  }

  private isHeard(botId: string): boolean {
    return [...this.clients].some(({ socket, listening }) => listening && socket.bot?.bot.id === botId);
  }

  private publish(order: BotOrder, data: Readonly<Record<string, unknown>>): void {
    const message = { stream: 'trade_updates', data: { ...data, order: presentOrder(order, this.parts.console) } };
    for (const { socket, listening } of this.clients)
      if (listening && socket.bot?.bot.id === order.botId) socket.send(message);
  }

  private async onMessage(client: Client, message: Message | null): Promise<void> {
    const action = message?.['action'];
    if (message === null) this.fail(client, 'invalid syntax');
    else if (action === 'authenticate' || action === 'auth') await this.authenticate(client, message);
    else if (action === 'listen') await this.listen(client, message['data']);
    else this.fail(client, 'unknown action');
  }

  private fail({ socket }: Client, text: string): void {
    socket.send({ action: 'error', data: { error_message: text } });
  }

  private async authenticate({ socket }: Client, message: Message): Promise<void> {
    const data = asRecord(message['data']) ?? {};
    const known = await socket.authenticate(data['key_id'] ?? message['key'], data['secret_key'] ?? message['secret']);
    const status = known ? 'authorized' : 'unauthorized';
    socket.send({ stream: 'authorization', data: { status, action: message['action'] } });
  }

  /** Answered once what is committed is heard: an order that is placed after the answer is told of. */
  private async listen(client: Client, data: unknown): Promise<void> {
    const caller = client.socket.bot;
    if (caller === null || !caller.scopes.has('orders:read')) {
      client.socket.send({ stream: 'authorization', data: { status: 'unauthorized', action: 'listen' } });
      return;
    }
    const asked = asRecord(data)?.['streams'];
    const streams = Array.isArray(asked) ? asked.filter((stream) => stream === 'trade_updates') : [];
    client.listening = streams.length > 0;
    await this.up;
    client.socket.send({ stream: 'listening', data: { streams } });
  }
}

/** The order as it was after an execution, where more of it were booked at once. */
function asOf(order: BotOrder, fill: BotFill): BotOrder {
  if (fill.cumQty === order.cumQty) return order;
  return { ...order, cumQty: fill.cumQty, status: 'PARTIALLY_FILLED', closedAtMs: null };
}

const fillData = (fill: BotFill) => ({
  event: fill.leavesQty === '0' ? 'fill' : 'partial_fill',
  timestamp: new Date(fill.atMs).toISOString(),
  execution_id: fill.executionId,
  price: fill.price,
  qty: fill.qty,
  position_qty: fill.positionQty,
});
