import { decode } from 'next-auth/jwt';
import { z } from 'zod';
import type { AccessStore, OpenSession } from '@/server/application/ports/access';
import type { Role } from '@/server/kernel/vocabulary';
import { isSecureDeployment, SESSION_IDLE_MS, sessionCookieName } from './cookie';

export interface Session {
  readonly id: string;
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  /** Epoch milliseconds at which the session ends. */
  readonly expiresAtMs: number;
}

const claimsSchema = z.object({
  sub: z.uuid(),
  sid: z.uuid(),
  sessionVersion: z.number().int(),
  exp: z.number(),
  endsAt: z.number(),
});

/** How long a session and its user are cached: one that is ended by another process ends within this time. */
const CACHE_MS = 3_000;
const CACHE_SIZE = 500;
/** A session in use is written down this often. */
const SEEN_EVERY_MS = 60_000;

interface Cached {
  readonly atMs: number;
  readonly open: Promise<OpenSession | null>;
}

/** Reads sessions from cookies and checks each in the database at most every 3 s. A cookie alone is no session (U-1). */
export class SessionReader {
  private readonly cache = new Map<string, Cached>();

  constructor(
    private readonly access: Pick<AccessStore, 'openSession' | 'seeSession'>,
    private readonly secret: () => string | undefined,
    private readonly now: () => number = Date.now,
  ) {}

  /** The session of a cookie value; null if missing, forged, expired, idle, ended, revoked, or of a disabled user. */
  async read(cookieValue: string | undefined): Promise<Session | null> {
    const secret = this.secret();
    if (cookieValue === undefined || cookieValue === '' || secret === undefined) return null;
    const claims = claimsSchema.safeParse(await decodeQuietly(cookieValue, secret));
    if (!claims.success) return null;
    const expiresAtMs = Math.min(claims.data.exp, claims.data.endsAt) * 1_000;
    if (expiresAtMs <= this.now()) return null;
    const { sid, sub, sessionVersion } = claims.data;
    const open = await this.open(sid);
    if (open === null || this.now() - open.seenAtMs > SESSION_IDLE_MS) return null;
    const { user } = open;
    if (user.id !== sub || user.disabled || user.sessionVersion !== sessionVersion) return null;
    await this.see(sid, open);
    return {
      id: sid,
      userId: user.id,
      email: user.email,
      name: user.name,
      role: user.role,
      expiresAtMs,
    };
  }

  /** The session has just ended: the next request reads it again. */
  forget(sessionId: string): void {
    this.cache.delete(sessionId);
  }

  private async open(id: string): Promise<OpenSession | null> {
    const cached = this.cache.get(id);
    if (cached !== undefined && this.now() - cached.atMs < CACHE_MS) return await cached.open;
    if (this.cache.size >= CACHE_SIZE) this.cache.clear();
    const open = this.access.openSession(id);
    this.cache.set(id, { atMs: this.now(), open });
    // A failed read is not cached: the next request reads again.
    open.catch(() => this.cache.delete(id));
    return await open;
  }

  /** Notes that the session is in use. Where that fails the request goes on: a later one notes it. */
  private async see(id: string, { user, seenAtMs }: OpenSession): Promise<void> {
    const nowMs = this.now();
    const cached = this.cache.get(id);
    if (nowMs - seenAtMs < SEEN_EVERY_MS || cached === undefined) return;
    // The entry keeps its age: an end by another process is noticed no later for it.
    this.cache.set(id, { atMs: cached.atMs, open: Promise.resolve({ user, seenAtMs: nowMs }) });
    await this.access.seeSession(id).catch(() => this.cache.delete(id));
  }
}

async function decodeQuietly(token: string, secret: string): Promise<unknown> {
  try {
    return await decode({ token, secret });
  } catch {
    return null;
  }
}

/** Value of the session cookie in a Cookie header. */
export function sessionCookie(cookieHeader: string | null): string | undefined {
  return cookieValue(cookieHeader, sessionCookieName(isSecureDeployment()));
}

/** Value of a cookie in a Cookie header. */
export function cookieValue(cookieHeader: string | null, cookieName: string): string | undefined {
  const name = `${cookieName}=`;
  const found = cookieHeader?.split(/;\s*/).find((part) => part.startsWith(name));
  if (found === undefined) return undefined;
  const value = found.slice(name.length);
  try {
    return decodeURIComponent(value);
  } catch {
    // Not a cookie that we set.
    return value;
  }
}
