import { decode, encode } from '@msgpack/msgpack';
import type { RawData, WebSocket } from 'ws';
import type { Assets } from '../http/assets';
import { keysMatch } from '../http/server';
import type { MarketBar, PricePoint } from '../market/types';
import { barFields, quoteFields, tradeFields } from './market-frames';
import { asRecord, bytesOf, MAX_BUFFERED_BYTES, parseMessage } from './socket';

const CHANNELS = ['trades', 'quotes', 'bars', 'statuses'] as const;
type Channel = (typeof CHANNELS)[number];
/** Channels of Alpaca's that exist here in name only. */
const SILENT_CHANNELS = ['updatedBars', 'dailyBars', 'lulds', 'corrections', 'cancelErrors'];
const AUTH_TIMEOUT_MS = 10_000;

interface Client {
  readonly socket: WebSocket;
  readonly msgpack: boolean;
  authenticated: boolean;
  readonly subscribed: Readonly<Record<Channel, Set<string>>>;
}

interface Keys {
  readonly keyId: string;
  readonly secretKey: string;
}

/** The market data stream (`/v2/iex`, `/v2/sip`): arrays of messages, JSON, or msgpack where the client asks for it. */
export class MarketStream {
  private readonly keys: Keys;
  private readonly assets: Assets;
  private readonly clients = new Set<Client>();

  constructor(keys: Keys, assets: Assets) {
    this.keys = keys;
    this.assets = assets;
  }

  /** `headers` may authenticate at once, and choose msgpack by their content type. */
  connect(socket: WebSocket, headers: Readonly<Record<string, unknown>>): void {
    const client: Client = {
      socket,
      msgpack: headers['content-type'] === 'application/msgpack',
      authenticated: false,
      subscribed: { trades: new Set(), quotes: new Set(), bars: new Set(), statuses: new Set() },
    };
    this.clients.add(client);
    const timeout = setTimeout(() => {
      this.fail(client, 404, 'auth timeout');
      socket.close();
    }, AUTH_TIMEOUT_MS);
    timeout.unref();
    socket.on('close', () => {
      clearTimeout(timeout);
      this.clients.delete(client);
    });
    socket.on('message', (data) => {
      this.onMessage(client, this.read(client, data));
      if (client.authenticated) clearTimeout(timeout);
    });
    this.send(client, [{ T: 'success', msg: 'connected' }]);
    if (headers['apca-api-key-id'] !== undefined) {
      this.authenticate(client, headers['apca-api-key-id'], headers['apca-api-secret-key']);
      if (client.authenticated) clearTimeout(timeout);
    }
  }

  onPoint(point: PricePoint): void {
    const asset = this.assets.find(point.quote.symbol);
    if (asset === undefined || this.clients.size === 0) return;
    this.publish('quotes', asset.symbol, { T: 'q', S: asset.symbol, ...quoteFields(point, asset) }, point.quote.atMs);
    this.publish('trades', asset.symbol, { T: 't', S: asset.symbol, ...tradeFields(point, asset) }, point.quote.atMs);
  }

  onBar(bar: MarketBar): void {
    if (this.clients.size > 0)
      this.publish('bars', bar.symbol, { T: 'b', S: bar.symbol, ...barFields(bar) }, bar.startMs);
  }

  onStatus(symbol: string, halted: boolean, atMs: number): void {
    const asset = this.assets.find(symbol);
    if (asset === undefined) return;
    const status = halted ? { sc: 'H', sm: 'Trading Halt' } : { sc: 'T', sm: 'Trading Resumption' };
    this.publish('statuses', symbol, { T: 's', S: symbol, ...status, rc: '', rm: '', z: asset.tape }, atMs);
  }

  private publish(channel: Channel, symbol: string, frame: object, atMs: number): void {
    let text: string | undefined;
    for (const client of this.clients) {
      const wanted = client.subscribed[channel];
      if (!wanted.has(symbol) && !wanted.has('*')) continue;
      if (client.msgpack) this.transmit(client, encode([{ ...frame, t: new Date(atMs) }]));
      else {
        text ??= JSON.stringify([{ ...frame, t: new Date(atMs).toISOString() }]);
        this.transmit(client, text);
      }
    }
  }

  private send(client: Client, messages: readonly object[]): void {
    this.transmit(client, client.msgpack ? encode(messages) : JSON.stringify(messages));
  }

  private transmit(client: Client, data: string | Uint8Array): void {
    if (client.socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      client.socket.close(1013, 'slow client');
      this.clients.delete(client);
      return;
    }
    client.socket.send(data);
  }

  private fail(client: Client, code: number, msg: string): void {
    this.send(client, [{ T: 'error', code, msg }]);
  }

  private read(client: Client, data: RawData): Record<string, unknown> | null {
    if (!client.msgpack) return parseMessage(data);
    try {
      return asRecord(decode(bytesOf(data)));
    } catch {
      return null;
    }
  }

  private onMessage(client: Client, message: Record<string, unknown> | null): void {
    const action = message?.action;
    if (message === null) this.fail(client, 400, 'invalid syntax');
    else if (action === 'auth') this.authenticate(client, message.key, message.secret);
    else if (!client.authenticated) this.fail(client, 401, 'not authenticated');
    else if (action === 'subscribe' || action === 'unsubscribe') this.subscribe(client, message);
    else this.fail(client, 400, 'invalid syntax');
  }

  private authenticate(client: Client, key: unknown, secret: unknown): void {
    if (client.authenticated) {
      this.fail(client, 403, 'already authenticated');
      return;
    }
    client.authenticated = keysMatch(this.keys, key, secret);
    if (client.authenticated) this.send(client, [{ T: 'success', msg: 'authenticated' }]);
    else this.fail(client, 402, 'auth failed');
  }

  private subscribe(client: Client, message: Record<string, unknown>): void {
    for (const channel of CHANNELS) {
      const symbols: unknown = message[channel];
      if (!Array.isArray(symbols)) continue;
      for (const symbol of symbols) {
        if (typeof symbol !== 'string') continue;
        if (message.action === 'subscribe') client.subscribed[channel].add(symbol);
        else client.subscribed[channel].delete(symbol);
      }
    }
    const subscribed = Object.fromEntries(CHANNELS.map((channel) => [channel, [...client.subscribed[channel]]]));
    const silent = Object.fromEntries(SILENT_CHANNELS.map((channel) => [channel, []]));
    this.send(client, [{ T: 'subscription', ...subscribed, ...silent }]);
  }
}
