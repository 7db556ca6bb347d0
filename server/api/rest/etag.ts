import { createHash } from 'node:crypto';

/** Only the client may cache it, and must revalidate it before reuse. */
const REVALIDATE = 'private, no-cache';

export interface Conditional {
  /** What the tag is computed from, if parts of the body (such as an age) change on their own. Default: the whole body. */
  readonly identity?: unknown;
  /** Default: `private, no-cache`. */
  readonly cacheControl?: string;
}

/** A weak tag of JSON content: equal content has the same tag in every process. */
export function etagOf(content: unknown): string {
  return `W/"${createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 27)}"`;
}

/** Whether `If-None-Match` names the tag, by the weak comparison of RFC 9110. */
function isKnown(header: string | null, etag: string): boolean {
  if (header === null) return false;
  const bare = (tag: string) => tag.trim().replace(/^W\//, '');
  return header.trim() === '*' || header.split(',').some((tag) => bare(tag) === bare(etag));
}

/** A JSON answer with an ETag; 304 without a body if the request names that tag. */
export function conditionalAnswer(request: Request, body: unknown, options: Conditional = {}): Response {
  const etag = etagOf(options.identity ?? body);
  const headers = { etag, 'cache-control': options.cacheControl ?? REVALIDATE, vary: 'Authorization' };
  if (isKnown(request.headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers });
  return new Response(JSON.stringify(body), {
    status: 200,
    headers: { 'content-type': 'application/json', ...headers },
  });
}
