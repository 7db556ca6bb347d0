import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MemoRecord, MemoStore } from '@/server/application/ports/memo-store';
import type { Clock } from '@/server/kernel/clock';
import { createMemoService, MEMO_LIMIT_MS } from './memo-service';
import type { ReasoningService } from './service';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const clock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  newId: () => 'id',
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    }),
};

const never = () => new Promise<never>(() => undefined);

const context = {
  market: { open: null, msToClose: null, quote: null, events: [] },
  portfolio: {
    equity: 0n,
    previousCloseEquity: 0n,
    cash: 0n,
    grossExposure: 0n,
    positions: 0,
    workingOrders: 0,
    position: null,
  },
  symbols: [],
};

const state: ReasoningService['state'] = () => ({
  provider: 'unresponsive',
  model: 'm',
  breaker: 'CLOSED',
  running: 0,
  waiting: 0,
  lastFault: null,
});

function setUp(change: Partial<MemoStore> = {}, stop = new AbortController()) {
  const records: MemoRecord[] = [];
  const store: MemoStore = {
    begin: async () => null,
    context: async () => context,
    finish: async (record) => {
      records.push(record);
      return { status: 'FAILED' };
    },
    ...change,
  };
  const service: ReasoningService = { answer: never, state, close: async () => undefined };
  const memoService = createMemoService({
    service,
    store,
    news: { read: async () => [] },
    clock,
    signal: stop.signal,
    onFault: () => undefined,
  });
  const asked = memoService.consider({
    signalId: 's',
    symbol: 'AAPL',
    action: 'BUY',
    strategy: 'x',
    confidence: 1,
    sizePct: 0.01,
    features: null,
    atMs: 0,
  });
  const done = vi.fn();
  void asked.then(done);
  return { asked, done, records, stop };
}

describe('the memoService', () => {
  it('gives up an unresponsive service, in time to store that it was', async () => {
    const { done, records } = setUp();
    await vi.advanceTimersByTimeAsync(MEMO_LIMIT_MS);
    expect(done).toHaveBeenCalledWith({ status: 'FAILED' });
    expect(records).toMatchObject([
      { answer: { status: 'FAILED', cause: 'TIMEOUT', provider: 'unresponsive', slow: true } },
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('asks nobody when it cannot read what a memo is written from', async () => {
    const { done, records } = setUp({ context: never });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(done).toHaveBeenCalledWith({ status: 'FAILED' });
    expect(records).toMatchObject([{ answer: { cause: 'DEFECT' }, summary: null }]);
  });

  it('stores that there is none when the evidence cannot be stored, and ends with the process', async () => {
    let tries = 0;
    const { done, stop } = setUp({
      finish: async () => {
        tries += 1;
        throw new Error('refused');
      },
    });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(done).not.toHaveBeenCalled();
    expect(tries).toBeGreaterThan(100);
    stop.abort();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(done).toHaveBeenCalledWith({ status: 'FAILED' });
  });
});
