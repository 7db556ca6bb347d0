import { describe, expect, it, vi } from 'vitest';
import { type Reasoner, ReasonerError, type ReasonerRequest } from '@/server/application/ports/reasoner';
import { parseUnits } from '@/server/kernel/money';
import { memo1 } from './prompts/memo-1';
import { createReasoningService, type ReasoningOptions } from './service';
import { MemoryReasoningStore, NO_LIMITS } from './testing/memory-store';
import { item, memoText, question, SIGNAL } from './testing/questions';

const OTHER = '018f2b1e-7c3a-7d00-8a00-000000000002';

type Reply = (request: ReasonerRequest) => Promise<string>;
const memo: Reply = async () => memoText();

function reasonerOf(reply: Reply, change: Partial<Reasoner> = {}) {
  const asked: ReasonerRequest[] = [];
  const reasoner: Reasoner = {
    provider: 'scripted',
    model: 'test',
    parameters: {},
    local: false,
    overhead: { call: 3, message: 4 },
    prepare: async () => undefined,
    close: async () => undefined,
    countTokens: (text) => Math.ceil(text.length / 4),
    async ask(request) {
      asked.push(request);
      return { text: await reply(request), inputTokens: 1_000, outputTokens: 100 };
    },
    ...change,
  };
  return { reasoner, asked };
}

function start(reply: Reply, options: Partial<ReasoningOptions> = {}, change: Partial<Reasoner> = {}) {
  const { reasoner, asked } = reasonerOf(reply, change);
  const store = new MemoryReasoningStore();
  const faults: string[] = [];
  let nowMs = 0;
  const service = createReasoningService({
    reasoner,
    store,
    template: memo1,
    sha256: (text) => `sha:${text}`,
    nowMs: () => nowMs,
    signal: new AbortController().signal,
    concurrency: 2,
    onFault: (what) => faults.push(what),
    ...options,
  });
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { service, store, asked, faults, pass };
}

/** Calls that are answered when the test says so. */
function held() {
  const open: (() => void)[] = [];
  const reply: Reply = () => new Promise((answer) => open.push(() => answer(memoText())));
  return { open, reply };
}

describe('a memo of the service', () => {
  it('carries its evidence', async () => {
    const { service } = start(memo);
    expect(await service.answer(question())).toMatchObject({
      status: 'OK',
      memo: { recommendation: 'ALLOW' },
      provider: 'scripted',
      model: 'test',
      promptVersion: 'memo-1',
      prompt: { news: [{ id: 'n1' }] },
      attempts: [{ cause: null }],
      inputTokens: 1_000,
      outputTokens: 100,
      cachedFrom: null,
      cost: null,
    });
  });

  it('is DISABLED when reasoning is switched off', async () => {
    const { service, asked } = start(memo, { reasoner: null });
    expect(await service.answer(question())).toMatchObject({ status: 'DISABLED', cause: 'OFF', provider: 'none' });
    expect(service.state()).toMatchObject({ breaker: 'OFF' });
    await service.close();
    expect(asked).toHaveLength(0);
  });

  it('by rules costs nothing, is not queued, and needs neither budget nor cache', async () => {
    const { service, store } = start(memo, { concurrency: 1 }, { local: true });
    store.failure = new Error('the database is away');
    expect(await service.answer(question())).toMatchObject({ status: 'OK', cost: '0' });
  });

  it('fails when the reasoner cannot be loaded, and says no more than that', async () => {
    const { service, faults } = start(memo, {}, { prepare: () => Promise.reject(new Error('secret path')) });
    const answer = await service.answer(question());
    expect(answer).toMatchObject({ status: 'FAILED', cause: 'DEFECT', fault: expect.not.stringContaining('secret') });
    expect(faults).toHaveLength(1);
  });

  it('whose hash cannot be made fails', async () => {
    const { service } = start(memo, {
      sha256: () => {
        throw new Error('no');
      },
    });
    expect(await service.answer(question())).toMatchObject({ status: 'FAILED', cause: 'DEFECT' });
  });
});

describe('a memo for the same input', () => {
  it('serves again, under the name of the new signal', async () => {
    const { service, store, asked } = start(memo);
    const first = await service.answer(question());
    store.memos.set(first.inputHash ?? '', { signalId: SIGNAL, memo: first.memo });
    expect(await service.answer(question([item(1)], OTHER))).toMatchObject({
      status: 'OK',
      cachedFrom: SIGNAL,
      memo: { signal_id: OTHER },
      attempts: [],
      cost: '0',
    });
    await service.answer(question([item(1), item(2)]));
    expect(asked).toHaveLength(2);
  });

  it('that cannot be read is written again', async () => {
    const { service, store, asked, faults } = start(memo);
    const first = await service.answer(question());
    store.memos.set(first.inputHash ?? '', { signalId: OTHER, memo: { nonsense: true } });
    expect(await service.answer(question())).toMatchObject({ status: 'OK', cachedFrom: null });
    expect(asked).toHaveLength(2);
    expect(faults).toEqual(['a memo for the same input could not be read']);
  });
});

describe('the budget', () => {
  it('is reserved in full while a call is under way, and gets back what was not used', async () => {
    const { open, reply } = held();
    const { service, store } = start(reply);
    const answer = service.answer(question());
    await vi.waitFor(() => expect(open).toHaveLength(1));
    expect(store.used.tokens).toBe(2 * 5_700);
    open[0]?.();
    await answer;
    await service.close();
    expect(store.used.tokens).toBe(1_100);
  });

  it('that does not hold another memo is DISABLED, and nothing is asked', async () => {
    const { service, store, asked } = start(memo);
    store.limits = { ...NO_LIMITS, tokensPerDay: 11_399 };
    expect(await service.answer(question())).toMatchObject({ status: 'DISABLED', cause: 'BUDGET', attempts: [] });
    expect(asked).toHaveLength(0);
  });

  it('in dollars needs a price, and counts by it', async () => {
    const { service, store } = start(memo);
    store.limits = { ...NO_LIMITS, dollarsPerDay: parseUnits('1') };
    const without = await service.answer(question());
    expect(without).toMatchObject({
      status: 'DISABLED',
      fault: expect.stringContaining('no price is known for the model test'),
    });
    store.price = { inputPerMillion: parseUnits('2.5'), outputPerMillion: parseUnits('10') };
    expect(await service.answer(question())).toMatchObject({ status: 'OK', cost: '0.0035' });
    await service.close();
    expect(store.used).toEqual({ tokens: 1_100, dollars: parseUnits('0.0035') });
  });

  it('of a signal that has room for one call gets no repair', async () => {
    const { service, store, asked } = start(async () => 'no memo');
    store.limits = { ...NO_LIMITS, tokensPerSignal: 4_000 };
    expect(await service.answer(question())).toMatchObject({ status: 'FAILED', cause: 'INVALID', attempts: [{}] });
    expect(asked).toHaveLength(1);
  });

  it('that cannot be read keeps everything from being asked: FAILED', async () => {
    const { service, store, asked } = start(memo);
    store.failure = new Error('the database is away');
    expect(await service.answer(question())).toMatchObject({ status: 'FAILED', cause: 'DEFECT' });
    expect(asked).toHaveLength(0);
  });

  it('keeps a reservation that could not be settled', async () => {
    const { service, store, faults } = start(async () => {
      store.failure = new Error('the database is away');
      return memoText();
    });
    expect(await service.answer(question())).toMatchObject({ status: 'OK' });
    await service.close();
    expect(store.used.tokens).toBe(11_400);
    expect(faults).toContain('what a memo cost could not be booked');
  });

  it('counts a call that broke off as the most that it can have used, one that was never worked on as nothing', async () => {
    for (const [kind, tokens] of [
      ['PROVIDER', 700],
      ['KEY', 0],
    ] as const) {
      const { service } = start(() => Promise.reject(new ReasonerError(kind, 'x')));
      expect(await service.answer(question())).toMatchObject({ outputTokens: tokens });
    }
  });

  it('gives back a reservation that came too late', async () => {
    const { service, store } = start(memo, { limits: { softMs: 1, hardMs: 2 } });
    let grant = () => {};
    const reserve = store.reserve.bind(store);
    store.reserve = async (most) => {
      await new Promise<void>((resolve) => {
        grant = resolve;
      });
      return reserve(most);
    };
    expect(await service.answer(question())).toMatchObject({ status: 'FAILED', cause: 'TIMEOUT' });
    grant();
    await vi.waitFor(() => expect(store.used.tokens).toBe(0));
  });
});

describe('calls at once', () => {
  it('are as many as there are places; the others start in turn', async () => {
    const { open, reply } = held();
    const { service } = start(reply);
    const answers = Array.from({ length: 5 }, () => service.answer(question()));
    await vi.waitFor(() => expect(open).toHaveLength(2));
    expect(service.state()).toMatchObject({ running: 2, waiting: 3 });
    for (let n = 0; n < 5; n += 1) {
      await vi.waitFor(() => expect(open.length).toBeGreaterThan(n));
      expect(service.state().running).toBeLessThanOrEqual(2);
      open[n]?.();
    }
    for (const answer of await Promise.all(answers)) expect(answer.status).toBe('OK');
    expect(service.state()).toMatchObject({ running: 0, waiting: 0 });
  });

  it('that could not end in time are FAILED in the queue, also when too many wait', async () => {
    const { open, reply } = held();
    const { service } = start(reply, { concurrency: 1, maxWaiting: 1, limits: { softMs: 60_000, hardMs: 60_050 } });
    const first = service.answer(question());
    await vi.waitFor(() => expect(open).toHaveLength(1));
    const [second, third] = [service.answer(question()), service.answer(question())];
    expect(await third).toMatchObject({ status: 'FAILED', cause: 'QUEUE', attempts: [] });
    expect(await second).toMatchObject({ status: 'FAILED', cause: 'QUEUE' });
    open[0]?.();
    expect(await first).toMatchObject({ status: 'OK' });
    expect(service.state()).toMatchObject({ running: 0, waiting: 0 });
  });

  it('end with the process, those that wait as well', async () => {
    const stop = new AbortController();
    const { open, reply } = held();
    const { service } = start(reply, { concurrency: 1, signal: stop.signal });
    const answers = [service.answer(question()), service.answer(question())];
    await vi.waitFor(() => expect(open).toHaveLength(1));
    stop.abort();
    for (const answer of await Promise.all(answers)) expect(answer).toMatchObject({ cause: 'STOPPED' });
    expect(await service.answer(question())).toMatchObject({ cause: 'STOPPED' });
  });
});

describe('the breaker', () => {
  const down: Reply = () => Promise.reject(new ReasonerError('UNREACHABLE', 'nobody there'));

  it('opens after five failures in a row, lets one try after a pause, and closes with an answer', async () => {
    let reply = down;
    const { service, asked, faults, pass } = start((request) => reply(request));
    for (let n = 0; n < 5; n += 1) await service.answer(question());
    expect(service.state()).toMatchObject({ breaker: 'OPEN', lastFault: 'UNREACHABLE: nobody there' });
    expect(await service.answer(question())).toMatchObject({
      status: 'FAILED',
      cause: 'BREAKER',
      fault: expect.stringMatching(/tried again in 15 s; it last failed with UNREACHABLE: nobody there/),
    });
    expect(asked).toHaveLength(5);

    pass(15_000);
    expect(service.state()).toMatchObject({ breaker: 'HALF_OPEN' });
    await service.answer(question());
    expect(service.state()).toMatchObject({ breaker: 'OPEN' });
    pass(29_999);
    expect(service.state()).toMatchObject({ breaker: 'OPEN' });
    pass(1);
    reply = memo;
    expect(await service.answer(question())).toMatchObject({ status: 'OK' });
    expect(service.state()).toMatchObject({ breaker: 'CLOSED', lastFault: null });
    expect(faults).toContain('scripted test: UNREACHABLE: nobody there (OPEN)');
  });

  it('lets one call alone try, and asks for the budget of no other for long', async () => {
    const { open, reply: waits } = held();
    let reply = down;
    const { service, store, pass } = start((request) => reply(request));
    for (let n = 0; n < 5; n += 1) await service.answer(question());
    pass(15_000);
    reply = waits;
    const probe = service.answer(question());
    await vi.waitFor(() => expect(open).toHaveLength(1));
    expect(await service.answer(question())).toMatchObject({ cause: 'BREAKER' });
    open[0]?.();
    expect(await probe).toMatchObject({ status: 'OK' });
    await service.close();
    expect(store.used.tokens).toBe(1_100);
  });

  it('opens at once for as long as the provider asks to be left alone, two minutes at most', async () => {
    const limited =
      (ms: number): Reply =>
      () =>
        Promise.reject(new ReasonerError('RATE_LIMITED', 'slow down', ms));
    for (const [asked, pause] of [
      [7_000, 7_000],
      [3_600_000, 120_000],
    ] as const) {
      const { service, pass } = start(limited(asked));
      await service.answer(question());
      pass(pause - 1);
      expect(service.state().breaker).toBe('OPEN');
      pass(1);
      expect(service.state().breaker).toBe('HALF_OPEN');
    }
  });

  it('is not moved by answers that are none, nor by prompts that are too long', async () => {
    const { service } = start(async () => 'no memo');
    for (let n = 0; n < 6; n += 1) await service.answer(question());
    expect(service.state()).toMatchObject({ breaker: 'CLOSED', lastFault: null });
    const long = question([item(1, 'x')]);
    const data = { ...long.data, market: { text: 'x'.repeat(30_000) } };
    for (let n = 0; n < 6; n += 1) expect(await service.answer({ ...long, data })).toMatchObject({ cause: 'PROMPT' });
    expect(service.state()).toMatchObject({ breaker: 'CLOSED' });
  });
});
