import { describe, expect, it } from 'vitest';
import type { StoredToken, TokenStore } from '@/server/application/ports/token-store';
import { createToken, hashToken, judgeToken, TokenVerifier } from './tokens';

const STORED: StoredToken = {
  id: 't1',
  name: 'bot',
  userId: 'u1',
  userRole: 'OPERATOR',
  userDisabled: false,
  scopes: ['orders:read', 'orders:write'],
  bot: {},
  expiresAtMs: null,
  revoked: false,
};

/** One token in memory, with a clock that the test moves. */
class Bench implements TokenStore {
  nowMs = 1_000_000;
  stored: StoredToken | null = STORED;
  lookups = 0;
  touches = 0;
  failure: Error | null = null;
  readonly made = createToken();
  readonly verifier = new TokenVerifier(this, () => this.nowMs);

  async findByHash(tokenHash: string): Promise<StoredToken | null> {
    this.lookups += 1;
    if (this.failure !== null) throw this.failure;
    return tokenHash === this.made.tokenHash ? this.stored : null;
  }

  async touch(): Promise<void> {
    this.touches += 1;
  }

  async verdict() {
    const verdict = await this.verifier.verify(this.made.token);
    return verdict.ok ? 'ok' : verdict.reason;
  }
}

describe('a token', () => {
  it('is cs_ and 256 random bits, kept as its SHA-256', () => {
    const [one, other] = [createToken(), createToken()];
    expect(one.token).toMatch(/^cs_[A-Za-z0-9_-]{43}$/);
    expect(one.token).not.toBe(other.token);
    expect(one.tokenHash).toMatch(/^[0-9a-f]{64}$/);
    expect(one.tokenHash).toBe(hashToken(one.token));
    expect(one.token.startsWith(one.prefix)).toBe(true);
    expect(one.prefix.length).toBeLessThan(12);
  });

  it.each([
    ['revoked', { revoked: true }],
    ['disabled', { userDisabled: true }],
    ['expired', { expiresAtMs: 5_000 }],
  ] as const)('that is %s is refused as such', (reason, change) => {
    expect(judgeToken({ ...STORED, ...change }, 5_000)).toEqual({ ok: false, reason });
  });

  it('loses the scopes that the role of its user does not allow', () => {
    const verdict = judgeToken(
      { ...STORED, userRole: 'VIEWER', scopes: ['orders:read', 'orders:write', 'unknown'] },
      0,
    );
    expect(verdict.ok && [...verdict.identity.scopes]).toEqual(['orders:read']);
  });
});

describe('verifying', () => {
  it('asks the database once in 4 s, however many requests come, also at once', async () => {
    const bench = new Bench();
    await Promise.all(Array.from({ length: 50 }, () => bench.verdict()));
    bench.nowMs += 3_999;
    expect(await bench.verdict()).toBe('ok');
    expect(bench.lookups).toBe(1);
    bench.nowMs += 1;
    await bench.verdict();
    expect(bench.lookups).toBe(2);
  });

  it.each([
    ['revoked', { ...STORED, revoked: true }],
    ['disabled', { ...STORED, userDisabled: true }],
    ['unknown', null],
  ] as const)('sees within 5 s that a token is %s', async (reason, stored) => {
    const bench = new Bench();
    expect(await bench.verdict()).toBe('ok');
    bench.stored = stored;
    bench.nowMs += 5_000;
    expect(await bench.verdict()).toBe(reason);
  });

  it('refuses an expired token at once, remembered or not', async () => {
    const bench = new Bench();
    bench.stored = { ...STORED, expiresAtMs: bench.nowMs + 1_000 };
    expect(await bench.verdict()).toBe('ok');
    bench.nowMs += 1_000;
    expect(await bench.verdict()).toBe('expired');
  });

  it('asks nothing for what cannot be a token, and remembers no unknown one', async () => {
    const bench = new Bench();
    for (const text of ['', 'cs_', 'Bearer x', `${bench.made.token}x`, `cs_${'é'.repeat(43)}`]) {
      expect(await bench.verifier.verify(text)).toEqual({ ok: false, reason: 'malformed' });
    }
    expect(bench.lookups).toBe(0);
    const unknown = createToken().token;
    await bench.verifier.verify(unknown);
    await bench.verifier.verify(unknown);
    expect(bench.lookups).toBe(2);
  });

  it('fails when the database does, rather than accept, and asks again the next time', async () => {
    const bench = new Bench();
    bench.failure = new Error('away');
    await expect(bench.verdict()).rejects.toThrow('away');
    bench.failure = null;
    expect(await bench.verdict()).toBe('ok');
  });

  it('notes the use of a token at most once a minute, and never fails for it', async () => {
    const bench = new Bench();
    for (let second = 0; second < 60; second += 5) {
      await bench.verdict();
      bench.nowMs += 5_000;
    }
    expect(bench.touches).toBe(1);
    await bench.verdict();
    expect(bench.touches).toBe(2);
  });
});
