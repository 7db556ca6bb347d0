import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BrokerError } from '@/server/application/ports/broker';
import { RateLimiter } from './rate-limiter';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const limiter = (perMinute: number | null) => new RateLimiter({ perMinute, nowMs: () => Date.now() });

/** Takes as many as go at once. */
async function drain(bucket: RateLimiter, priority: 'cancel' | 'send' | 'lookup' | 'read'): Promise<number> {
  for (let n = 0; ; n++) {
    try {
      await bucket.take(priority, 0);
    } catch (error) {
      expect(error).toBeInstanceOf(BrokerError);
      return n;
    }
  }
}

test('without a limit nothing waits', async () => {
  const bucket = limiter(0);
  for (let n = 0; n < 1_000; n++) await bucket.take('read', 0);
  expect(bucket.tokensLeft).toBeNull();
});

test.each([3, 60, 200, 1_000])('no 60 seconds hold more than the limit of %i, however greedy', async (perMinute) => {
  const bucket = limiter(perMinute);
  const sent: number[] = [];
  const greedy = async () => {
    for (;;) {
      await bucket.take('cancel', Number.POSITIVE_INFINITY);
      sent.push(Date.now());
    }
  };
  greedy().catch(() => undefined);
  await vi.advanceTimersByTimeAsync(300_000);
  for (const [first, atMs] of sent.entries()) {
    const within = sent.slice(first).filter((each) => each < atMs + 60_000).length;
    expect(within).toBeLessThanOrEqual(perMinute);
  }
  // And it is made use of: four minutes after the first burst give at least half of what is allowed.
  expect(sent.length).toBeGreaterThanOrEqual(Math.floor(perMinute * 5 * 0.5));
  bucket.close();
});

describe('priorities', () => {
  test('reads leave room for look-ups, look-ups for sends, sends for cancels', async () => {
    const bucket = limiter(200);
    const taken = [
      await drain(bucket, 'read'),
      await drain(bucket, 'lookup'),
      await drain(bucket, 'send'),
      await drain(bucket, 'cancel'),
    ];
    expect(taken).toEqual([30, 5, 5, 10]);
  });

  test('of those that wait a cancel goes first, even if it came last', async () => {
    const bucket = limiter(60);
    await drain(bucket, 'cancel');
    const order: string[] = [];
    for (const priority of ['read', 'send', 'lookup', 'cancel'] as const) {
      bucket.take(priority, 60_000).then(
        () => order.push(priority),
        () => undefined,
      );
    }
    await vi.advanceTimersByTimeAsync(40_000);
    expect(order).toEqual(['cancel', 'send', 'lookup', 'read']);
  });

  test('a call that would wait longer than it can fails at once, with the time', async () => {
    const bucket = limiter(60);
    await drain(bucket, 'cancel');
    const refused = await bucket.take('read', 500).catch((error: unknown) => error);
    expect(refused).toMatchObject({ kind: 'rate_limited' });
    expect(refused instanceof BrokerError ? refused.retryAfterMs : 0).toBeGreaterThan(500);
  });
});

describe('what the broker says', () => {
  test('a limit that the answers name is learned', async () => {
    const bucket = limiter(null);
    expect(bucket.limit).toBe(0);
    bucket.heard(200, 199);
    expect(bucket.limit).toBe(200);
    expect(bucket.tokensLeft).toBe(50);
  });

  test('of the setting and what the answers name the lower holds', () => {
    const bucket = limiter(100);
    bucket.heard(200, 150);
    expect(bucket.limit).toBe(100);
    bucket.heard(40, 40);
    expect(bucket.limit).toBe(40);
  });

  test('a setting of 0 means that nothing is held back', () => {
    const bucket = limiter(0);
    bucket.heard(200, 0);
    expect(bucket.limit).toBe(0);
  });

  test('what others used of the limit is not counted on', async () => {
    const bucket = limiter(200);
    bucket.heard(200, 3);
    expect(bucket.tokensLeft).toBe(3);
  });

  test('after a 429 everything waits as long as the answer said, cancels too', async () => {
    const bucket = limiter(200);
    bucket.pause(5_000);
    await expect(bucket.take('cancel', 1_000)).rejects.toMatchObject({ kind: 'rate_limited', retryAfterMs: 5_000 });
    let gone = false;
    const waits = bucket.take('cancel', 10_000).then(() => {
      gone = true;
    });
    await vi.advanceTimersByTimeAsync(4_900);
    expect(gone).toBe(false);
    await vi.advanceTimersByTimeAsync(200);
    await waits;
    expect(gone).toBe(true);
  });
});

test('closing ends what waits', async () => {
  const bucket = limiter(60);
  await drain(bucket, 'cancel');
  const waits = bucket.take('read', 60_000);
  bucket.close();
  await expect(waits).rejects.toMatchObject({ kind: 'not_sent' });
});

test('counts what left in the last 60 s, waits included, and no refusals', async () => {
  const bucket = limiter(60);
  expect(await drain(bucket, 'cancel')).toBe(15);
  expect(bucket.usedInMinute).toBe(15);
  const waited = bucket.take('cancel', 10_000);
  await vi.advanceTimersByTimeAsync(10_000);
  await waited;
  expect(bucket.usedInMinute).toBe(16);
  await vi.advanceTimersByTimeAsync(50_000);
  expect(bucket.usedInMinute).toBe(1);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(bucket.usedInMinute).toBe(0);
});
