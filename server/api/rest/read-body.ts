import { JsonError, parseStrictJson } from '@/server/kernel/strict-json';
import { ProblemError } from './problem';

/** Largest body that is read. Every valid request of this API is below 1 kB. */
export const MAX_BODY_BYTES = 64 * 1024;

const JSON_TYPE = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/**
 * Reads the body as strict JSON.
 * @throws ProblemError 415 for another content type, 413 beyond 64 kB, 400 for what is not JSON, with the position
 */
export async function readJsonBody(request: Request): Promise<unknown> {
  const type = request.headers.get('content-type');
  if (type === null || !JSON_TYPE.test(type.trim())) {
    const found = type === null ? 'no content-type was given' : `not ${type.slice(0, 100)}`;
    throw new ProblemError('UNSUPPORTED_MEDIA_TYPE', `Send content-type: application/json in UTF-8; ${found}`);
  }
  if (request.headers.get('content-encoding') !== null) {
    throw new ProblemError('UNSUPPORTED_MEDIA_TYPE', 'Send the body without content-encoding');
  }
  const bytes = await readLimited(request);
  if (bytes.length === 0) throw new ProblemError('BAD_JSON', 'The body is empty');
  try {
    return parseStrictJson(decode(bytes));
  } catch (error) {
    if (error instanceof JsonError) throw new ProblemError('BAD_JSON', error.message);
    throw error;
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ProblemError('BAD_JSON', 'The body is not valid UTF-8');
  }
}

/** The bytes of a body. @throws ProblemError 413 beyond 64 kB, 400 if it ends early */
export async function readLimited(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  const declared = request.headers.get('content-length');
  if (declared !== null && Number(declared) > MAX_BODY_BYTES) throw tooLarge();
  if (request.body === null) return new Uint8Array();
  const reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> = request.body.getReader();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await nextChunk(reader);
    if (done) break;
    length += value.byteLength;
    if (length > MAX_BODY_BYTES) {
      await reader.cancel().catch(() => undefined);
      throw tooLarge();
    }
    chunks.push(value);
  }
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
}

/** A client that disconnects within its body gets the same answer as one that sent half of it. */
async function nextChunk(reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>) {
  try {
    return await reader.read();
  } catch {
    throw new ProblemError('BAD_REQUEST', 'The body ended before it was complete');
  }
}

function tooLarge(): ProblemError {
  // The rest of the body stays unread, so the connection cannot be reused.
  return new ProblemError('BODY_TOO_LARGE', `A body has at most ${MAX_BODY_BYTES} bytes`, {
    headers: { connection: 'close' },
  });
}
