import { createHash, randomBytes } from 'node:crypto';
import type { StoredToken, TokenStore } from '@/server/application/ports/token-store';
import { SCOPES_OF_ROLE, type Scope, scopeSchema } from '@/server/contracts/access';
import type { BotSettings } from '@/server/contracts/bots';

const TOKEN_PATTERN = /^cs_[A-Za-z0-9_-]{43}$/;
/** `cs_` and 6 characters: enough to recognise a token in a list, useless for guessing it. */
const PREFIX_LENGTH = 9;
/** A revocation takes effect within 5 s; 1 s of that is left for the query. */
const CACHE_MS = 4_000;
const CACHE_ENTRIES = 1_000;
const TOUCH_EVERY_MS = 60_000;

/** The user and token behind a request. */
export interface TokenIdentity {
  readonly tokenId: string;
  readonly tokenName: string;
  readonly userId: string;
  readonly scopes: ReadonlySet<Scope>;
  readonly bot: BotSettings;
}

export type TokenVerdict =
  | { readonly ok: true; readonly identity: TokenIdentity }
  | { readonly ok: false; readonly reason: 'malformed' | 'unknown' | 'revoked' | 'expired' | 'disabled' };

/** `cs_` and 32 random bytes in base64url. Shown once; only its hash is stored. */
export function createToken(): { readonly token: string; readonly tokenHash: string; readonly prefix: string } {
  const token = `cs_${randomBytes(32).toString('base64url')}`;
  return { token, tokenHash: hashToken(token), prefix: token.slice(0, PREFIX_LENGTH) };
}

/** SHA-256 of the token's text, hex. A token is 256 random bits, so a slow hash would add nothing. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Whether a stored token is valid now, and its scopes. Scopes beyond its user's role have no effect. */
export function judgeToken(stored: StoredToken, nowMs: number): TokenVerdict {
  if (stored.revoked) return { ok: false, reason: 'revoked' };
  if (stored.userDisabled) return { ok: false, reason: 'disabled' };
  if (stored.expiresAtMs !== null && stored.expiresAtMs <= nowMs) return { ok: false, reason: 'expired' };
  const allowed: ReadonlySet<string> = new Set(SCOPES_OF_ROLE[stored.userRole]);
  const scopes = stored.scopes.filter((scope) => allowed.has(scope)).map((scope) => scopeSchema.parse(scope));
  const { id: tokenId, name: tokenName, userId, bot } = stored;
  const identity = { tokenId, tokenName, userId, scopes: new Set(scopes), bot };
  return { ok: true, identity };
}

interface LookUp {
  readonly stored: StoredToken | null;
  /** Taken before the query, so the row is at least this recent. */
  readonly askedAtMs: number;
}

interface CacheEntry {
  readonly verdict: TokenVerdict;
  readonly expiresAtMs: number | null;
  readonly readAtMs: number;
}

/**
 * Verifies bearer tokens. Known tokens are cached for 4 s: most requests need no query, and a revocation still takes effect
 * within 5 s. Unknown tokens are not cached, so guessing cannot fill memory.
 */
export class TokenVerifier {
  private readonly cache = new Map<string, CacheEntry>();
  private readonly lookups = new Map<string, Promise<LookUp>>();
  private readonly touchedAtMs = new Map<string, number>();

  constructor(
    private readonly store: TokenStore,
    private readonly now: () => number,
  ) {}

  /** @throws the store's error if it is unavailable: the caller answers 503 and never accepts the token */
  async verify(token: string): Promise<TokenVerdict> {
    if (!TOKEN_PATTERN.test(token)) return { ok: false, reason: 'malformed' };
    const tokenHash = hashToken(token);
    const nowMs = this.now();
    const cached = this.cache.get(tokenHash);
    if (cached !== undefined && nowMs - cached.readAtMs < CACHE_MS) return this.use(cached, nowMs);
    const { stored, askedAtMs } = await this.lookUp(tokenHash);
    if (stored === null) {
      this.cache.delete(tokenHash);
      return { ok: false, reason: 'unknown' };
    }
    const entry = { verdict: judgeToken(stored, this.now()), expiresAtMs: stored.expiresAtMs, readAtMs: askedAtMs };
    this.remember(tokenHash, entry);
    return this.use(entry, nowMs);
  }

  private use(entry: CacheEntry, nowMs: number): TokenVerdict {
    if (!entry.verdict.ok) return entry.verdict;
    if (entry.expiresAtMs !== null && entry.expiresAtMs <= nowMs) return { ok: false, reason: 'expired' };
    this.touch(entry.verdict.identity.tokenId, nowMs);
    return entry.verdict;
  }

  /** Concurrent requests share one query. */
  private lookUp(tokenHash: string): Promise<LookUp> {
    const running = this.lookups.get(tokenHash);
    if (running !== undefined) return running;
    const askedAtMs = this.now();
    const lookup = this.store
      .findByHash(tokenHash)
      .then((stored) => ({ stored, askedAtMs }))
      .finally(() => this.lookups.delete(tokenHash));
    this.lookups.set(tokenHash, lookup);
    return lookup;
  }

  private remember(tokenHash: string, entry: CacheEntry): void {
    if (this.cache.size >= CACHE_ENTRIES) this.cache.clear();
    this.cache.set(tokenHash, entry);
  }

  private touch(tokenId: string, nowMs: number): void {
    if (nowMs - (this.touchedAtMs.get(tokenId) ?? Number.NEGATIVE_INFINITY) < TOUCH_EVERY_MS) return;
    if (this.touchedAtMs.size >= CACHE_ENTRIES) this.touchedAtMs.clear();
    this.touchedAtMs.set(tokenId, nowMs);
    // Only informative: it must neither delay nor fail a request.
    this.store.touch(tokenId).catch(() => this.touchedAtMs.delete(tokenId));
  }
}
