import { Agent, request } from 'undici';
import { BrokerError, type BrokerHealth, type CallPriority } from '@/server/application/ports/broker';
import { CircuitBreaker } from './breaker';
import { BrokerHealthMonitor, routeOf } from './health';
import { type HttpAnswer, judgeAnswer, rateHeaders } from './http-answer';
import { RateLimiter } from './rate-limiter';

export type { HttpAnswer } from './http-answer';

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
  /** Requests a minute; 0 is no limit; null: what the broker's answers say. */
  readonly requestsPerMinute: number | null;
  /** What to do when the keys are refused. */
  readonly keyAdvice?: string;
}

export interface CallOptions {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  /** From asking to the whole answer, the wait for a place under the rate limit included. */
  readonly timeoutMs?: number;
  /** Longest wait for a place under the rate limit, ms; without it the timeout. */
  readonly maxWaitMs?: number;
  readonly signal?: AbortSignal;
  /** Hears how long the call waited for its place under the rate limit, ms. */
  readonly onWaited?: (ms: number) => void;
  /** Without it a read. */
  readonly priority?: CallPriority;
}

const QUERY_TIMEOUT_MS = 5_000;

/**
 * One HTTP call. Success is 2xx with readable JSON; everything else throws {@link BrokerError}. Nothing is retried. Calls
 * wait for their place under the broker's rate limit; while the broker does not answer, reads and sends fail at once.
 */
export interface HttpClient {
  call(base: 'trading' | 'market', path: string, options: CallOptions): Promise<HttpAnswer>;
  /** Told of what only the reader of an answer knows. */
  readonly monitor: BrokerHealthMonitor;
  health(): BrokerHealth;
  /** Requests a minute as the trading API's answers name them; null when they name none. */
  announcedLimit(): number | null;
  close(): Promise<void>;
}

function urlOf(base: string, path: string, query: CallOptions['query']): string {
  const url = new URL(base + path);
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url.toString();
}

/** Aborts after `leftMs` of `timeoutMs`, or when the caller does; `done` frees the timer. */
function deadline(leftMs: number, timeoutMs: number, outer: AbortSignal | undefined) {
  const controller = new AbortController();
  const stop = () => controller.abort(new Error('given up by the caller'));
  const timer = setTimeout(() => controller.abort(new Error(`no answer within ${timeoutMs} ms`)), leftMs);
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

/** One account's limits: trading and market data have their own where their addresses differ. */
interface Lane {
  readonly limiter: RateLimiter;
  readonly breaker: CircuitBreaker;
}

function lanesOf(settings: AlpacaSettings): { trading: Lane; market: Lane } {
  const lane = (): Lane => ({
    limiter: new RateLimiter({ perMinute: settings.requestsPerMinute }),
    breaker: new CircuitBreaker(),
  });
  const trading = lane();
  const same = new URL(settings.tradingUrl).origin === new URL(settings.marketDataUrl).origin;
  return { trading, market: same ? trading : lane() };
}

/** An order leaves only while its sender is still sure to be let send it: one that slept meanwhile may have been halted. */
function stillInTime(options: CallOptions, leftMs: number): void {
  if (options.priority !== 'send' || (leftMs > 0 && options.signal?.aborted !== true)) return;
  throw new BrokerError('not_sent', 'the time to send it was over before it could leave');
}

/** What everything that is not knowledge of ours is held back by, before anything leaves. */
async function passLane({ limiter, breaker }: Lane, options: CallOptions, timeoutMs: number): Promise<void> {
  const priority = options.priority ?? 'read';
  if (priority === 'read' || priority === 'send') {
    // Only a read may be the one that tries again: an order is nothing to try with.
    const waitMs = priority === 'send' ? breaker.holdMs() : breaker.askMs();
    if (waitMs > 0) {
      const message = `the broker does not answer: asked again in ${Math.ceil(waitMs / 1_000)} s`;
      throw new BrokerError('not_sent', message, { retryAfterMs: waitMs });
    }
  }
  const fromMs = performance.now();
  try {
    await limiter.take(priority, options.maxWaitMs ?? timeoutMs);
  } finally {
    options.onWaited?.(performance.now() - fromMs);
  }
}

export function createHttpClient(settings: AlpacaSettings): HttpClient {
  const agent = new Agent({ connections: 16, pipelining: 1, connect: { timeout: 2_000 } });
  const lanes = lanesOf(settings);
  const monitor = new BrokerHealthMonitor(() => Date.now(), settings.keyAdvice);
  const keys = {
    'APCA-API-KEY-ID': settings.keyId,
    'APCA-API-SECRET-KEY': settings.secretKey,
    accept: 'application/json',
  };

  async function exchange(lane: Lane, url: string, options: CallOptions, leftMs: number): Promise<HttpAnswer> {
    const limit = deadline(leftMs, options.timeoutMs ?? QUERY_TIMEOUT_MS, options.signal);
    try {
      const response = await request(url, {
        method: options.method,
        dispatcher: agent,
        signal: limit.signal,
        headers: options.body === undefined ? keys : { ...keys, 'content-type': 'application/json' },
        body: options.body === undefined ? null : JSON.stringify(options.body),
      });
      const { limit: perMinute, remaining } = rateHeaders(response.headers);
      lane.limiter.heard(perMinute, remaining);
      return judgeAnswer(response.statusCode, await response.body.text(), response.headers, Date.now());
    } catch (error) {
      if (error instanceof BrokerError) throw error;
      const cause: unknown = limit.signal.aborted ? limit.signal.reason : error;
      throw new BrokerError('uncertain', cause instanceof Error ? cause.message : String(cause));
    } finally {
      limit.done();
    }
  }

  function noteFailure(lane: Lane, error: BrokerError): void {
    if (error.kind === 'rate_limited') lane.limiter.pause(error.retryAfterMs ?? 1_000);
    if (error.kind === 'uncertain') lane.breaker.failed();
    else lane.breaker.answered();
  }

  return {
    monitor,
    health: () =>
      monitor.snapshot({
        breaker: lanes.trading.breaker.state,
        tokensLeft: lanes.trading.limiter.tokensLeft,
        requestsUsed: lanes.trading.limiter.usedInMinute,
        requestsPerMinute: lanes.trading.limiter.limit,
      }),
    announcedLimit: () => lanes.trading.limiter.announced,
    async call(base, path, options) {
      const lane = lanes[base];
      const startedMs = performance.now();
      const timeoutMs = options.timeoutMs ?? QUERY_TIMEOUT_MS;
      await passLane(lane, options, timeoutMs);
      const leftMs = timeoutMs - (performance.now() - startedMs);
      stillInTime(options, leftMs);
      const route = base === 'trading' ? routeOf(options.method, path) : null;
      if (route !== null) monitor.asked();
      const url = urlOf(base === 'trading' ? settings.tradingUrl : settings.marketDataUrl, path, options.query);
      try {
        const answer = await exchange(lane, url, options, Math.max(1, Math.round(leftMs)));
        lane.breaker.answered();
        // The simulator describes itself without keys: that says nothing of them.
        if (route !== null && path.startsWith('/v')) monitor.answered(route);
        return answer;
      } catch (error) {
        if (error instanceof BrokerError) {
          noteFailure(lane, error);
          if (route !== null) monitor.failed(route, error);
        }
        throw error;
      }
    },
    async close() {
      for (const { limiter } of Object.values(lanes)) limiter.close();
      await agent.destroy();
    },
  };
}
