import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, forbidden } from '../broker/errors';
import type { RequestLog } from '../journal/request-log';
import type { RouteContext } from './context';
import { readBody, type SimAnswer, type SimRequest, sendAnswer } from './exchange';
import type { RateLimit } from './rate-limit';
import { route } from './router';
import { standIn } from './stand-in';

/** Whether a key pair is the account's. Compares digests, so the time taken tells nothing. */
export function keysMatch(config: { keyId: string; secretKey: string }, keyId: unknown, secret: unknown): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  if (typeof keyId !== 'string' || typeof secret !== 'string') return false;
  const sameId = timingSafeEqual(digest(keyId), digest(config.keyId));
  return timingSafeEqual(digest(secret), digest(config.secretKey)) && sameId;
}

/** The HTTP side: log, keys, rate limit, faults, route, and no answer before the journal is durable. */
export class HttpFront {
  private readonly context: RouteContext;
  private readonly log: RequestLog;
  private readonly limit: RateLimit;

  constructor(context: RouteContext, log: RequestLog, limit: RateLimit) {
    this.context = context;
    this.log = log;
    this.limit = limit;
  }

  async handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const receivedAtMs = Date.now();
    let answer: SimAnswer;
    try {
      const body = await readBody(message);
      const request = this.request(message, body);
      const line = `${request.method} ${message.url ?? ''}`;
      this.log.write({
        method: request.method,
        path: message.url ?? '',
        body,
        receivedAtMs,
        marketAtMs: this.context.clock.now(),
      });
      const outcome = await this.underFaults(request, line);
      if (outcome === null) {
        message.socket.destroy();
        return;
      }
      answer = outcome;
    } catch (error) {
      answer = refusal(error);
    }
    // Nothing is reported that a crash could still undo.
    await this.context.journal.durable();
    if (!response.destroyed) sendAnswer(response, answer);
  }

  private request(message: IncomingMessage, body: string): SimRequest {
    const url = message.url ?? '/';
    const cut = url.indexOf('?');
    return {
      method: message.method ?? 'GET',
      path: cut === -1 ? url : url.slice(0, cut),
      query: new URLSearchParams(cut === -1 ? '' : url.slice(cut + 1)),
      body,
      headers: message.headers,
    };
  }

  /** The answer after whatever the fault switches do to it; null closes the connection without one. */
  private async underFaults(request: SimRequest, line: string): Promise<SimAnswer | null> {
    const { faults, journal } = this.context;
    const fault = faults.forRequest(line);
    if (fault.delayMs > 0) await sleep(fault.delayMs, undefined, { ref: false });
    if (fault.hangMs > 0) {
      const early = fault.hangEffect === 'accept' ? this.answer(request) : null;
      await journal.durable();
      await sleep(fault.hangMs, undefined, { ref: false });
      return fault.hangEffect === 'late' ? this.answer(request) : early;
    }
    if (fault.fail) {
      if (fault.failEffect === 'accept') this.answer(request);
      return { status: 500, body: { code: 50010000, message: 'internal server error occurred' } };
    }
    if (fault.answer !== null) {
      const own = fault.answerEffect === 'accept' ? this.answer(request) : null;
      return standIn(fault.answer, own);
    }
    const answer = this.answer(request);
    if (answer.status >= 300 || !faults.dropsReply(line)) return answer;
    await journal.durable();
    return null;
  }

  private answer(request: SimRequest): SimAnswer {
    try {
      if (request.path.startsWith('/sim/')) return route(this.context, request);
      const { headers } = request;
      if (this.context.faults.keysRevoked) throw new ApiError(401, 40110000, 'request is not authorized');
      if (!keysMatch(this.context.config, headers['apca-api-key-id'], headers['apca-api-secret-key']))
        throw forbidden('forbidden.');
      const limit = this.limit.take(Date.now());
      if (!limit.allowed) {
        return { status: 429, body: { code: 42910000, message: 'rate limit exceeded' }, headers: limit.headers };
      }
      return { ...route(this.context, request), headers: limit.headers };
    } catch (error) {
      return refusal(error);
    }
  }
}

function refusal(error: unknown): SimAnswer {
  if (error instanceof ApiError) return { status: error.status, body: error.body() };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`simulator: ${message}\n`);
  return { status: 500, body: { code: 50010000, message: 'internal server error occurred' } };
}

/** A listening server whose requests wait for `ready`. @throws the listen error, such as EADDRINUSE */
export async function listen(host: string, port: number, ready: Promise<HttpFront>): Promise<Server> {
  const server = createServer((message, response) => {
    ready.then((front) => front.handle(message, response)).catch(() => response.destroy());
  });
  // Longer than any client keeps an idle connection, so that none is closed under a request.
  server.keepAliveTimeout = 120_000;
  server.headersTimeout = 125_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return server;
}
