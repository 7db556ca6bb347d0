import { createHash } from 'node:crypto';

/** Kept by the one who asked, and shown again only after asking whether it still holds. */
const REVALIDATE = 'private, no-cache';

export interface Conditional {
  /** What the answer says, where parts of the body (an age) change without it. Default: the whole body. */
  readonly identity?: unknown;
  /** Default: `private, no-cache`. */
  readonly cacheControl?: string;
}

/** A weak tag of anything that JSON can say: the same content has the same tag, in every process. */
export function etagOf(content: unknown): string {
  return `W/"${createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 27)}"`;
}

/** Whether an `If-None-Match` names the tag; weak comparison, as RFC 9110 has it for reading. */
function isKnown(header: string | null, etag: string): boolean {
  if (header === null) return false;
  const bare = (tag: string) => tag.trim().replace(/^W\//, '');
  return header.trim() === '*' || header.split(',').some((tag) => bare(tag) === bare(etag));
}

/** A JSON answer with an ETag; 304 without a body when the request names that tag already. */
export function conditionalAnswer(request: Request, body: unknown, options: Conditional = {}): Response {
  const etag = etagOf(options.identity ?? body);
  const headers = { etag, 'cache-control': options.cacheControl ?? REVALIDATE, vary: 'Authorization' };
  if (isKnown(request.headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers });
  return new Response(JSON.stringify(body), {
    status: 200,
    headers: { 'content-type': 'application/json', ...headers },
  });
}
