import { Agent, request } from 'undici';
import { ReasonerError } from '@/server/application/ports/reasoner';

/** A response other than 2xx. The body is the provider's text: shorten it before showing it. */
export class ModelHttpError extends Error {
  override readonly name = 'ModelHttpError';

  constructor(
    readonly status: number,
    readonly body: string,
    readonly retryAfterMs: number | null,
  ) {
    super(`HTTP ${status}`);
  }
}

/** Largest response that is read; a memo has a few kB. */
const MAX_BYTES = 512 * 1_024;
const CONNECT_MS = 5_000;

export interface ModelHttp {
  /** `fetch` for the SDK. Throws {@link ModelHttpError} or {@link ReasonerError} unless a 2xx response was read completely. */
  readonly fetch: typeof globalThis.fetch;
  close(): Promise<void>;
}

function retryAfterMs(header: string | string[] | undefined): number | null {
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined) return null;
  const seconds = Number(text);
  const ms = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) && ms >= 0 ? ms : null;
}

const NOT_THERE: readonly string[] = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
];

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string' && error.code !== '') return error.code;
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return codeOf(error.cause);
}

/** Maps a connection error to a fault by its code. */
function socketFault(error: unknown, host: string): ReasonerError {
  const code = codeOf(error);
  if (NOT_THERE.includes(code)) return new ReasonerError('UNREACHABLE', `${host} cannot be reached (${code})`);
  if (/CERT|TLS|SSL|ALTNAME/.test(code))
    return new ReasonerError('UNREACHABLE', `the certificate of ${host} is not accepted (${code})`);
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE')
    return new ReasonerError('PROVIDER', `the answer of ${host} is larger than ${MAX_BYTES / 1_024} kB`);
  return new ReasonerError('PROVIDER', `${host} broke off${code === '' ? '' : ` (${code})`}`);
}

/**
 * HTTP client for reasoners: one connection per call, no redirects, a limit on the response size, and an abort closes the
 * connection at once.
 */
export function createModelHttp(): ModelHttp {
  const agent = new Agent({
    pipelining: 0,
    maxResponseSize: MAX_BYTES,
    connect: { timeout: CONNECT_MS },
    // Calls are limited by the caller's abort signal.
    headersTimeout: 0,
    bodyTimeout: 0,
  });

  async function exchange(address: string, init: RequestInit | undefined): Promise<Response> {
    const { host } = new URL(address);
    const signal = init?.signal ?? null;
    try {
      const answer = await request(address, {
        method: init?.method === 'GET' ? 'GET' : 'POST',
        headers: Object.fromEntries(new Headers(init?.headers)),
        body: typeof init?.body === 'string' ? init.body : null,
        dispatcher: agent,
        ...(signal === null ? {} : { signal }),
      });
      const text = await answer.body.text();
      const { statusCode: status, headers } = answer;
      if (status >= 200 && status < 300)
        return new Response(text, { status, headers: { 'content-type': 'application/json' } });
      throw new ModelHttpError(status, text, retryAfterMs(headers['retry-after']));
    } catch (error) {
      if (error instanceof ModelHttpError) throw error;
      if (signal?.aborted === true) throw signal.reason;
      throw socketFault(error, host);
    }
  }

  return {
    fetch: (input, init) => exchange(input instanceof Request ? input.url : String(input), init),
    close: () => agent.destroy(),
  };
}
