import type { WebSocket } from 'ws';
import { formatUnits } from '@/server/kernel/money';
import type { TradeUpdate } from '../broker/order-flow';
import type { Faults } from '../faults';
import { type Presentation, presentOrder } from '../http/present-order';
import { keysMatch } from '../http/server';
import { MAX_BUFFERED_BYTES, parseMessage } from './socket';

interface Client {
  readonly socket: WebSocket;
  readonly binary: boolean;
  authorized: boolean;
  listening: boolean;
}

interface Keys {
  readonly keyId: string;
  readonly secretKey: string;
}

/**
 * The account's stream (`/stream`): `authenticate` or `auth`, then `listen` to `trade_updates`. Frames are binary JSON
 * as on Alpaca's paper account; `?frames=text` asks for text.
 */
export class TradingStream {
  private readonly keys: Keys;
  private readonly faults: Faults;
  private readonly presentation: Presentation;
  private readonly clients = new Set<Client>();
  private held: string | null = null;

  constructor(keys: Keys, faults: Faults, presentation: Presentation) {
    this.keys = keys;
    this.faults = faults;
    this.presentation = presentation;
    faults.onChange(() => this.obeyFaults());
  }

  get hasListeners(): boolean {
    for (const client of this.clients) if (client.listening) return true;
    return false;
  }

  connect(socket: WebSocket, query: URLSearchParams): void {
    const client: Client = { socket, binary: query.get('frames') !== 'text', authorized: false, listening: false };
    if (this.faults.streamRefused) {
      socket.close(1013, 'try again later');
      return;
    }
    this.clients.add(client);
    if (this.faults.silence === 'dead') socket.pause();
    socket.on('close', () => this.clients.delete(client));
    socket.on('message', (data) => this.onMessage(client, parseMessage(data)));
  }

  /** The text of an update, made now: the order may have moved on by the time it is sent. */
  textOf(update: TradeUpdate): string {
    const { event, order, atMs, execution } = update;
    const data: Record<string, unknown> = {
      event,
      timestamp: new Date(atMs).toISOString(),
      order: presentOrder(order, this.presentation),
    };
    if (execution !== undefined) {
      data.execution_id = execution.id;
      data.price = formatUnits(execution.price);
      data.qty = formatUnits(execution.qty);
      data.position_qty = formatUnits(execution.positionQty);
    }
    return JSON.stringify({ stream: 'trade_updates', data });
  }

  /** Sends an update to all listeners, through the fault switches. */
  publish(text: string): void {
    const fault = this.faults.stream();
    if (fault.drop || this.faults.silence !== null) return;
    if (fault.reorder && this.held === null) {
      this.held = text;
      return;
    }
    const texts = fault.duplicate ? [text, text] : [text];
    if (this.held !== null) texts.push(this.held);
    this.held = null;
    const send = (): void => {
      for (const each of texts) this.broadcast(each);
    };
    if (fault.delayMs > 0) setTimeout(send, fault.delayMs).unref();
    else send();
  }

  private obeyFaults(): void {
    for (const { socket } of this.clients) {
      if (this.faults.keysRevoked) socket.close(1008, 'unauthorized');
      else if (this.faults.streamRefused) socket.close(1012, 'service restart');
      else if (this.faults.silence === 'dead') socket.pause();
      else socket.resume();
    }
  }

  private broadcast(text: string): void {
    for (const client of this.clients) if (client.listening) this.send(client, text);
  }

  private send(client: Client, text: string): void {
    if (client.socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      client.socket.terminate();
      return;
    }
    client.socket.send(client.binary ? Buffer.from(text) : text, { binary: client.binary });
  }

  private reply(client: Client, stream: string, data: object): void {
    this.send(client, JSON.stringify({ stream, data }));
  }

  private onMessage(client: Client, message: Record<string, unknown> | null): void {
    const action = message?.action;
    if (message === null) this.fail(client, 'invalid syntax');
    else if (action === 'authenticate' || action === 'auth') this.authenticate(client, message);
    else if (action === 'listen') this.listen(client, message.data);
    else this.fail(client, 'unknown action');
  }

  private fail(client: Client, message: string): void {
    this.send(client, JSON.stringify({ action: 'error', data: { error_message: message } }));
  }

  private authenticate(client: Client, message: Record<string, unknown>): void {
    const data: Record<string, unknown> =
      typeof message.data === 'object' && message.data !== null ? { ...message.data } : {};
    client.authorized =
      !this.faults.keysRevoked && keysMatch(this.keys, data.key_id ?? message.key, data.secret_key ?? message.secret);
    const status = client.authorized ? 'authorized' : 'unauthorized';
    this.reply(client, 'authorization', { status, action: message.action });
  }

  private listen(client: Client, data: unknown): void {
    if (!client.authorized) {
      this.reply(client, 'authorization', { status: 'unauthorized', action: 'listen' });
      return;
    }
    const asked: unknown = typeof data === 'object' && data !== null && 'streams' in data ? data.streams : [];
    const streams = Array.isArray(asked) ? asked.filter((stream) => stream === 'trade_updates') : [];
    client.listening = streams.length > 0;
    this.reply(client, 'listening', { streams });
  }
}
