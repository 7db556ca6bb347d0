import { decode, encode } from '@msgpack/msgpack';
import type { RawData, WebSocket } from 'ws';
import type { Caller } from '../context';

/** A client that lets more than this pile up is too slow and is cut off. */
const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;
/** A revocation takes effect within 5 s; the verifier remembers a token for 4 s. */
const CHECK_EVERY_MS = 1_000;
const SIGN_IN_WITHIN_MS = 10_000;

/** Who a key pair belongs to; null where it is not valid. */
export type Authenticate = (keyId: unknown, secret: unknown) => Promise<Caller | null>;

export type Message = Readonly<Record<string, unknown>>;

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

/** A value as an object with named fields, or null. */
export function asRecord(value: unknown): Message | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
}

/** One connection of a bot: its encoding, who it is, and the end of it when its token ends. */
export class BotSocket {
  private caller: Caller | null = null;
  private check: ReturnType<typeof setInterval> | null = null;
  private readonly signIn: ReturnType<typeof setTimeout>;
  private secret: unknown = null;
  private keyId: unknown = null;
  private steps: Promise<void> = Promise.resolve();

  /**
   * @param msgpack chosen by the content type of the connection's headers
   * @param binary JSON in binary frames, as Alpaca's paper account sends it
   */
  constructor(
    private readonly socket: WebSocket,
    private readonly encoding: { readonly msgpack: boolean; readonly binary: boolean },
    private readonly verify: Authenticate,
  ) {
    this.signIn = setTimeout(() => socket.close(1008, 'auth timeout'), SIGN_IN_WITHIN_MS);
    this.signIn.unref();
    socket.on('close', () => this.stop());
  }

  get bot(): Caller | null {
    return this.caller;
  }

  /** Does what was asked for when all that was asked for before is done. A fault ends the connection. */
  follow(step: () => Promise<void>, onFault: (error: unknown) => void): void {
    this.steps = this.steps.then(step).catch((error: unknown) => {
      onFault(error);
      this.socket.close(1011, 'internal error');
    });
  }

  /** Null for a message that is no object. */
  read(data: RawData): Message | null {
    const bytes = bytesOf(data);
    try {
      return asRecord(this.encoding.msgpack ? decode(bytes) : JSON.parse(bytes.toString('utf8')));
    } catch {
      return null;
    }
  }

  /** Verifies a key pair, now and while the connection lasts. */
  async authenticate(keyId: unknown, secret: unknown): Promise<boolean> {
    this.caller = await this.verify(keyId, secret);
    if (this.caller === null) return false;
    clearTimeout(this.signIn);
    [this.keyId, this.secret] = [keyId, secret];
    this.check ??= setInterval(() => void this.again(), CHECK_EVERY_MS);
    this.check.unref();
    return true;
  }

  send(message: unknown): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    if (this.socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      this.socket.close(1013, 'slow client');
      return;
    }
    if (this.encoding.msgpack) this.socket.send(encode(message));
    else {
      const text = JSON.stringify(message);
      this.socket.send(this.encoding.binary ? Buffer.from(text) : text, { binary: this.encoding.binary });
    }
  }

  /** Whether times are sent as such rather than as text. */
  get hasTimes(): boolean {
    return this.encoding.msgpack;
  }

  private async again(): Promise<void> {
    try {
      const caller = await this.verify(this.keyId, this.secret);
      if (caller === null) this.socket.close(1008, 'unauthorized');
      else this.caller = caller;
    } catch {
      // The database is away: the token is verified again in a moment, and nothing is sent without it.
    }
  }

  private stop(): void {
    clearTimeout(this.signIn);
    if (this.check !== null) clearInterval(this.check);
  }
}
