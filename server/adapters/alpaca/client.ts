import { Agent, request } from 'undici';
import { BrokerError } from '@/server/application/ports/broker';

export interface AlpacaSettings {
  /** Trading API base, no trailing slash. */
  readonly tradingUrl: string;
  readonly marketDataUrl: string;
  /** Websocket of `trade_updates`. */
  readonly tradingStreamUrl: string;
  /** Websocket of quotes and bars. */
  readonly marketStreamUrl: string;
  readonly keyId: string;
  readonly secretKey: string;
  /** Feed of stock data: iex, sip, … */
  readonly feed: string;
}

export interface HttpAnswer {
  readonly status: number;
  /** Parsed JSON; null for an empty body. */
  readonly body: unknown;
}

export interface CallOptions {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const QUERY_TIMEOUT_MS = 5_000;

/** One HTTP call. Success is 2xx with readable JSON; everything else throws {@link BrokerError}. Nothing is retried. */
export interface HttpClient {
  call(base: 'trading' | 'market', path: string, options: CallOptions): Promise<HttpAnswer>;
  close(): Promise<void>;
}

function urlOf(base: string, path: string, query: CallOptions['query']): string {
  const url = new URL(base + path);
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url.toString();
}

/** Aborts after `timeoutMs`, or when the caller does; `done` frees the timer. */
function deadline(timeoutMs: number, outer: AbortSignal | undefined) {
  const controller = new AbortController();
  const stop = () => controller.abort(new Error('given up by the caller'));
  const timer = setTimeout(() => controller.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  if (outer?.aborted === true) stop();
  outer?.addEventListener('abort', stop, { once: true });
  return {
    signal: controller.signal,
    done() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', stop);
    },
  };
}

function readJson(text: string): unknown {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    throw new BrokerError('uncertain', `the answer is not JSON: ${text.slice(0, 80)}`);
  }
}

function retryAfterMs(header: string | string[] | undefined): number {
  const value = Array.isArray(header) ? header[0] : header;
  const seconds = Number(value);
  return value !== undefined && Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds * 1000, 60_000) : 1_000;
}

/** What the broker's error body says; brokers' gateways also answer with HTML. */
function complaint(text: string): { code: string; message: string } {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null) {
      const code = 'code' in body ? String(body.code) : '';
      const message = 'message' in body ? String(body.message) : text.slice(0, 200);
      return { code, message };
    }
  } catch {
    // Not JSON: the text itself is what we have.
  }
  return { code: '', message: text.slice(0, 200) };
}

/** @throws BrokerError for whatever is not a readable 2xx */
function judge(status: number, text: string, headers: Record<string, string | string[] | undefined>): HttpAnswer {
  if (status >= 200 && status < 300) return { status, body: readJson(text) };
  const { code, message } = complaint(text);
  if (status === 429) {
    throw new BrokerError('rate_limited', message, {
      status,
      code,
      retryAfterMs: retryAfterMs(headers['retry-after']),
    });
  }
  // 408: the server gave up waiting for the request; like a timeout, nobody knows what it did.
  const refused = status >= 400 && status < 500 && status !== 408;
  throw new BrokerError(refused ? 'refused' : 'uncertain', message || `HTTP ${status}`, { status, code });
}

export function createHttpClient(settings: AlpacaSettings): HttpClient {
  const agent = new Agent({ connections: 16, pipelining: 1, connect: { timeout: 2_000 } });
  const headers = {
    'APCA-API-KEY-ID': settings.keyId,
    'APCA-API-SECRET-KEY': settings.secretKey,
    accept: 'application/json',
  };
  return {
    async call(base, path, options) {
      const url = urlOf(base === 'trading' ? settings.tradingUrl : settings.marketDataUrl, path, options.query);
      const limit = deadline(options.timeoutMs ?? QUERY_TIMEOUT_MS, options.signal);
      try {
        const response = await request(url, {
          method: options.method,
          dispatcher: agent,
          signal: limit.signal,
          headers: options.body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
          body: options.body === undefined ? null : JSON.stringify(options.body),
        });
        return judge(response.statusCode, await response.body.text(), response.headers);
      } catch (error) {
        if (error instanceof BrokerError) throw error;
        const cause: unknown = limit.signal.aborted ? limit.signal.reason : error;
        throw new BrokerError('uncertain', cause instanceof Error ? cause.message : String(cause));
      } finally {
        limit.done();
      }
    },
    close: () => agent.destroy(),
  };
}
