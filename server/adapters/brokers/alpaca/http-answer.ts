import { BrokerError } from '@/server/application/ports/broker';

export interface HttpAnswer {
  readonly status: number;
  /** Parsed JSON; null for an empty body. */
  readonly body: unknown;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Without a word of the broker's, after a 429. */
const DEFAULT_RETRY_MS = 1_000;
const MAX_RETRY_MS = 60_000;
/** Of the broker's own words: they are stored with orders and alerts, and shown. */
const MESSAGE_CHARACTERS = 300;

const one = (header: string | string[] | undefined): string | undefined => (Array.isArray(header) ? header[0] : header);

function numberOf(header: string | string[] | undefined): number | null {
  const text = one(header);
  const value = Number(text);
  return text === undefined || text.trim() === '' || !Number.isFinite(value) || value < 0 ? null : value;
}

/** `Retry-After`: seconds or an HTTP date. ms, at most a minute. */
export function retryAfterMs(header: string | string[] | undefined, nowMs: number): number {
  const seconds = numberOf(header);
  if (seconds !== null) return Math.min(seconds * 1_000, MAX_RETRY_MS);
  const at = Date.parse(one(header) ?? '');
  return Number.isNaN(at) ? DEFAULT_RETRY_MS : Math.min(Math.max(at - nowMs, 0), MAX_RETRY_MS);
}

/** Alpaca's account of the rate limit; null for what an answer does not tell. */
export function rateHeaders(headers: Headers): { limit: number | null; remaining: number | null } {
  return { limit: numberOf(headers['x-ratelimit-limit']), remaining: numberOf(headers['x-ratelimit-remaining']) };
}

function readJson(status: number, text: string): unknown {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    throw new BrokerError('uncertain', `the answer is not JSON: ${brief(text)}`, { status });
  }
}

/** The start of a text on one line; of a page only that it is one. */
function brief(text: string, characters = 120): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return /^<(!doctype|html|\?xml)/i.test(line) ? 'an HTML page' : line.slice(0, characters);
}

/** What the broker's error body says; brokers' gateways also answer with HTML. */
function complaint(text: string): { code: string; message: string } {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null) {
      const code = 'code' in body ? brief(String(body.code)) : '';
      const message = 'message' in body ? brief(String(body.message), MESSAGE_CHARACTERS) : brief(text);
      return { code, message };
    }
  } catch {
    // Not JSON: the text itself is what we have.
  }
  return { code: '', message: brief(text) };
}

/** @throws BrokerError for whatever is not a readable 2xx */
export function judgeAnswer(status: number, text: string, headers: Headers, nowMs: number): HttpAnswer {
  if (status >= 200 && status < 300) return { status, body: readJson(status, text) };
  const { code, message } = complaint(text);
  if (status === 429) {
    const waitMs = retryAfterMs(headers['retry-after'], nowMs);
    throw new BrokerError('rate_limited', message || 'too many requests', { status, code, retryAfterMs: waitMs });
  }
  // 408: the server gave up waiting for the request; like a timeout, nobody knows what it did.
  const refused = status >= 400 && status < 500 && status !== 408;
  throw new BrokerError(refused ? 'refused' : 'uncertain', message || `HTTP ${status}`, { status, code });
}
