import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError, badBody } from '../broker/errors';

/** A request as the routes see it. */
export interface SimRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

/** What a route answers; without a body the response has none. */
export interface SimAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is, in place of `body`. */
  readonly raw?: { readonly text: string; readonly type: string; readonly broken: boolean };
}

const MAX_BODY_BYTES = 256 * 1024;

/** Reads a request's body. @throws ApiError 413 past {@link MAX_BODY_BYTES} */
export async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message) {
    const buffer: Buffer = chunk;
    bytes += buffer.length;
    if (bytes > MAX_BODY_BYTES)
      throw new ApiError(413, 41300000, `request body is larger than ${MAX_BODY_BYTES} bytes`);
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The body as JSON. @throws ApiError 400 */
export function jsonBody(request: SimRequest): unknown {
  try {
    return JSON.parse(request.body);
  } catch {
    throw badBody();
  }
}

export function sendAnswer(response: ServerResponse, answer: SimAnswer): void {
  if (answer.raw !== undefined) {
    sendRaw(response, answer.status, answer.raw);
    return;
  }
  const text = answer.body === undefined ? '' : JSON.stringify(answer.body);
  const headers: Record<string, string | number> = { ...answer.headers, 'Content-Length': Buffer.byteLength(text) };
  if (answer.body !== undefined) headers['Content-Type'] = 'application/json; charset=UTF-8';
  response.writeHead(answer.status, headers);
  response.end(text);
}

/** A broken answer announces all of its bytes, sends half of them and closes the connection. */
function sendRaw(response: ServerResponse, status: number, raw: NonNullable<SimAnswer['raw']>): void {
  const bytes = Buffer.from(raw.text);
  response.writeHead(status, { 'Content-Type': raw.type, 'Content-Length': bytes.length });
  if (!raw.broken) response.end(bytes);
  else response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
}
