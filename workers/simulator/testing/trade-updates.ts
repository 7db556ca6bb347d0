import { type RawData, WebSocket } from 'ws';
import { bytesOf } from '../stream/socket';
import { asJson, type Json, KEY_ID, SECRET_KEY } from './harness';

/** A listener to the stream of trade updates, whose messages can be waited for in order. */
export class TradeUpdates {
  private readonly inbox: Json[] = [];
  private wake: () => void = () => undefined;

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data: RawData) => {
      this.inbox.push(asJson(JSON.parse(bytesOf(data).toString('utf8'))));
      this.wake();
    });
  }

  /** Connects, and resolves once the stream listens. */
  static async connect(url: string): Promise<TradeUpdates> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/stream`);
    const updates = new TradeUpdates(socket);
    await new Promise((ready) => socket.once('open', ready));
    socket.send(JSON.stringify({ action: 'auth', key: KEY_ID, secret: SECRET_KEY }));
    await updates.message();
    socket.send(JSON.stringify({ action: 'listen', data: { streams: ['trade_updates'] } }));
    await updates.message();
    return updates;
  }

  /** The next `count` updates: their event, order and execution. */
  async next(count: number): Promise<Json[]> {
    const found: Json[] = [];
    while (found.length < count) found.push(asJson((await this.message()).data));
    return found;
  }

  /** Resolves when the simulator has closed the connection. */
  closed(): Promise<void> {
    return new Promise((done) => this.socket.once('close', () => done()));
  }

  close(): void {
    this.socket.terminate();
  }

  private async message(): Promise<Json> {
    for (;;) {
      const message = this.inbox.shift();
      if (message !== undefined) return message;
      await new Promise<void>((wake) => {
        this.wake = wake;
      });
    }
  }
}
