import { decode } from 'next-auth/jwt';
import { z } from 'zod';
import type { AccessStore, UserRecord } from '@/server/application/ports/access';
import type { Role } from '@/server/kernel/vocabulary';
import { isSecureDeployment, sessionCookieName } from './cookie';

export interface Session {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  /** Epoch milliseconds at which the session ends. */
  readonly expiresAtMs: number;
}

const claimsSchema = z.object({ sub: z.uuid(), sessionVersion: z.number().int(), exp: z.number(), endsAt: z.number() });

/** How long a user's row is cached: a revoked session ends within this time. */
const USER_CACHE_MS = 3_000;
const USER_CACHE_SIZE = 500;

interface CachedUser {
  readonly atMs: number;
  readonly user: Promise<UserRecord | null>;
}

/** Reads sessions from cookies and checks each user in the database at most every 3 s. */
export class SessionReader {
  private readonly users = new Map<string, CachedUser>();

  constructor(
    private readonly access: Pick<AccessStore, 'userById'>,
    private readonly secret: () => string | undefined,
    private readonly now: () => number = Date.now,
  ) {}

  /** The session of a cookie value; null if missing, forged, expired, revoked, or of a disabled user. */
  async read(cookieValue: string | undefined): Promise<Session | null> {
    const secret = this.secret();
    if (cookieValue === undefined || cookieValue === '' || secret === undefined) return null;
    const claims = claimsSchema.safeParse(await decodeQuietly(cookieValue, secret));
    if (!claims.success) return null;
    const expiresAtMs = Math.min(claims.data.exp, claims.data.endsAt) * 1_000;
    if (expiresAtMs <= this.now()) return null;
    const user = await this.user(claims.data.sub);
    if (user === null || user.disabled || user.sessionVersion !== claims.data.sessionVersion) return null;
    return {
      userId: user.id,
      email: user.email,
      name: user.name,
      role: user.role,
      expiresAtMs,
    };
  }

  private async user(id: string): Promise<UserRecord | null> {
    const cached = this.users.get(id);
    if (cached !== undefined && this.now() - cached.atMs < USER_CACHE_MS) return await cached.user;
    if (this.users.size >= USER_CACHE_SIZE) this.users.clear();
    const user = this.access.userById(id);
    this.users.set(id, { atMs: this.now(), user });
    // A failed read is not cached: the next request reads again.
    user.catch(() => this.users.delete(id));
    return await user;
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
