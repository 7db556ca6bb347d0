import WebSocket from 'ws';
import type { StreamHandle } from '@/server/application/ports/broker';

export interface SocketEvents {
  /** The socket is open: say who we are. */
  open(send: (message: unknown) => void): void;
  /** A parsed message. May throw: the connection is then closed and made again. `ready` says that it now does its work. */
  message(body: unknown, send: (message: unknown) => void, ready: () => void): void;
  /** A message that is no JSON; without this the connection is made again. */
  garbled?(reason: string): void;
  closed(reason: string): void;
}

const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 10_000;
/** A connection that lasted this long counts as good: the next attempt starts from the first backoff. */
const GOOD_AFTER_MS = 10_000;
/** Alpaca pings; we ping too, so that a silent peer is noticed within two periods. */
const PING_MS = 5_000;
const HANDSHAKE_MS = 5_000;
/** From the connection to its first use: a server that has not admitted us by then is asked again. */
const READY_MS = 10_000;

export interface SocketHandle extends StreamHandle {
  /** Drops the connection and makes a new one. */
  restart(reason: string): void;
}

function parseFrame(data: WebSocket.RawData): unknown {
  const text = Array.isArray(data)
    ? Buffer.concat(data).toString('utf8')
    : Buffer.from(data as Buffer).toString('utf8');
  return JSON.parse(text);
}

const GARBLED = Symbol('garbled');

/** @throws SyntaxError for what is no JSON, where nobody hears of it */
function readFrame(data: WebSocket.RawData, events: SocketEvents): unknown {
  try {
    return parseFrame(data);
  } catch (error) {
    if (events.garbled === undefined) throw error;
    events.garbled('a frame that is no JSON');
    return GARBLED;
  }
}

/** One websocket at a time, connected again with growing pauses (plus up to a quarter of jitter) until closed. */
export function keepConnected(url: string, events: SocketEvents): SocketHandle {
  let ended = false;
  let socket: WebSocket | undefined;
  let retry: NodeJS.Timeout | undefined;
  let backoffMs = FIRST_BACKOFF_MS;
  let onGone: (() => void) | undefined;
  let dropped = '';

  function connect(): void {
    const startedAt = Date.now();
    const ws = new WebSocket(url, { handshakeTimeout: HANDSHAKE_MS, maxPayload: 8 * 1024 * 1024 });
    socket = ws;
    let fault = '';
    let alive = true;
    const send = (message: unknown) => {
      if (ws.readyState === WebSocket.OPEN) ws.send(JSON.stringify(message));
    };
    const drop = (reason: string) => {
      fault = reason;
      ws.terminate();
    };
    const unready = setTimeout(() => drop(`not let in within ${READY_MS / 1_000} s`), READY_MS);
    const ready = () => clearTimeout(unready);
    const ping = setInterval(() => {
      if (!alive) return drop(`silent: no answer to a ping for ${PING_MS / 1_000} s`);
      alive = false;
      if (ws.readyState === WebSocket.OPEN) ws.ping();
    }, PING_MS);
    ws.on('open', () => events.open(send));
    ws.on('pong', () => {
      alive = true;
    });
    ws.on('message', (data) => {
      alive = true;
      try {
        const body = readFrame(data, events);
        if (body !== GARBLED) events.message(body, send, ready);
      } catch (error) {
        drop(error instanceof Error ? error.message : String(error));
      }
    });
    ws.on('error', (error) => {
      if (fault === '') fault = error.message;
    });
    ws.on('close', (code) => {
      clearInterval(ping);
      clearTimeout(unready);
      if (dropped !== '') fault = dropped;
      dropped = '';
      if (ended) return onGone?.();
      if (Date.now() - startedAt > GOOD_AFTER_MS) backoffMs = FIRST_BACKOFF_MS;
      events.closed(fault === '' ? `closed with code ${code}` : fault);
      retry = setTimeout(connect, backoffMs * (1 + Math.random() / 4));
      backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS);
    });
  }

  connect();
  return {
    restart(reason) {
      if (ended || socket === undefined || socket.readyState !== WebSocket.OPEN) return;
      dropped = reason;
      socket.terminate();
    },
    close() {
      ended = true;
      clearTimeout(retry);
      const current = socket;
      if (current === undefined || current.readyState === WebSocket.CLOSED) return Promise.resolve();
      return new Promise((resolve) => {
        onGone = resolve;
        current.terminate();
      });
    },
  };
}
