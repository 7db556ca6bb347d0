import { hash, randomUUID } from 'node:crypto';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readNewsFile } from '@/server/adapters/files/news-file';
import { createNewsStore } from '@/server/adapters/postgres/market/news-store';
import { createConsoleReads } from '@/server/adapters/postgres/ops/read-console-reads';
import { createPrisma } from '@/server/adapters/postgres/prisma';
import { createMemoStore } from '@/server/adapters/postgres/reasoning/memo-store';
import { createReasoningStore } from '@/server/adapters/postgres/reasoning/reasoning-store';
import { createReasoner } from '@/server/adapters/reasoner/create';
import { createRulesReasoner } from '@/server/adapters/reasoner/rules';
import type { MemoCandidate } from '@/server/application/ports/memo-service';
import type { Reasoner } from '@/server/application/ports/reasoner';
import { systemClock } from '@/server/composition/worker';
import type { RawNews } from '@/server/domain/reasoning/news-summary';
import { ATTACKS, HOSTILE_ANSWERS } from '@/server/domain/reasoning/testing/attacks';
import type { Actor } from '@/server/kernel/actor';
import { type ModelServer, startModelServer } from '@/test-support/model-server';
import { factsOf } from '@/test-support/placements';
import { haveShared, sharedFile } from '@/test-support/shared';
import { ACTOR, createTradingFixture, orderFor, type TradingFixture } from '@/test-support/trading-fixture';
import { createMemoService, type MemoServiceParts } from './memo-service';
import { memo1 } from './prompts/memo-1';
import { createReasoningService } from './service';

let fixture: TradingFixture;
let server: ModelServer;
const OPERATOR: Actor = { kind: 'user', principalId: randomUUID(), name: 'op@example.com', correlationId: 'click' };

beforeAll(async () => {
  fixture = await createTradingFixture();
  server = await startModelServer();
  // The tokenizer is loaded once a process: not within the first memo's time.
  await served(() => '')?.prepare();
});
afterAll(async () => {
  await server.close();
  await fixture.close();
});
beforeEach(() => fixture.refresh());

/** A model that gives a scripted answer, given the prompt. */
function scripted(answer: (user: string) => unknown): Reasoner {
  return {
    ...createRulesReasoner(),
    provider: 'scripted',
    model: 'gpt-4o-mini',
    local: false,
    countTokens: (text) => Math.ceil(text.length / 3),
    async ask({ messages }) {
      const given = answer(messages[0]?.text ?? '');
      return { text: typeof given === 'string' ? given : JSON.stringify(given), inputTokens: 1_000, outputTokens: 100 };
    },
  };
}

/** The same over HTTP. */
function served(answer: (user: string) => unknown): Reasoner | null {
  server.script(({ texts }) => {
    const given = answer(texts.join('\n'));
    return { kind: 'answer', text: typeof given === 'string' ? given : JSON.stringify(given) };
  });
  return createReasoner({
    REASONER: 'openai',
    REASONER_URL: server.url,
    REASONER_MODEL: 'gpt-4o-mini',
    REASONER_KEY: 'k',
  });
}

const memoOf = (signalId: string, change: object = {}) => ({
  signal_id: signalId,
  thesis: 'Momentum continues.',
  counter_thesis: 'A macro event is near.',
  risk_flags: ['macro_event'],
  risk_notes: [],
  recommendation: 'ALLOW_WITH_CAUTION',
  cited_news_ids: [],
  ...change,
});

function serviceWith(reasoner: Reasoner | null, change: Partial<MemoServiceParts> = {}) {
  const { pool } = fixture;
  const { signal } = new AbortController();
  const service = createReasoningService({
    reasoner,
    store: createReasoningStore(pool),
    template: memo1,
    sha256: (text) => hash('sha256', text),
    nowMs: () => performance.now(),
    signal,
    concurrency: 4,
  });
  const parts = { service, store: createMemoStore(pool), news: createNewsStore(pool), clock: systemClock, signal };
  return createMemoService({ ...parts, onFault: () => undefined, ...change });
}

const candidate = (signalId: string, change: Partial<MemoCandidate> = {}): MemoCandidate => ({
  signalId,
  symbol: 'AAPL',
  action: 'BUY',
  strategy: 'fake',
  confidence: 0.9,
  sizePct: 0.02,
  features: null,
  atMs: Date.now(),
  ...change,
});

const stored = async (signalId: string) => {
  const { rows } = await fixture.pool.query(
    `SELECT m.*, s.reasoning FROM signals s LEFT JOIN memos m ON m.signal_id = s.id WHERE s.id = $1`,
    [signalId],
  );
  return rows[0];
};

/** A busy machine may take longer to get here than the account's figures stay fresh. */
const place = async (signalId: string) => {
  await fixture.refresh();
  const answer = await fixture.commands.placeOrder(ACTOR, randomUUID(), orderFor(signalId, { qty: '2' }));
  return factsOf(answer);
};

const blindOf = async (signalId: string) => {
  const { rows } = await fixture.pool.query(
    'SELECT decision, blind FROM policy_evaluations WHERE signal_id = $1 ORDER BY created_at',
    [signalId],
  );
  return rows;
};

describe('a memo', () => {
  it('of caution sends an approved trade to a person, who sees it with what policy says without it, and an order follows', async () => {
    const signalId = await fixture.signal();
    const service = serviceWith(scripted(() => memoOf(signalId)));
    expect(await service.consider(candidate(signalId))).toEqual({ status: 'OK', recommendation: 'ALLOW_WITH_CAUTION' });
    const { kind, approvalId } = await place(signalId);
    expect(kind).toBe('REVIEW');
    expect(await blindOf(signalId)).toEqual([{ decision: 'REVIEW', blind: { decision: 'APPROVE', codes: [] } }]);

    const db = createPrisma(fixture.database.url);
    const reads = createConsoleReads(db);
    const approval = await reads.approval(approvalId);
    expect(approval).toMatchObject({
      approval: { codes: ['REASONING_CAUTION'] },
      withoutMemo: { decision: 'APPROVE', codes: [] },
      memo: {
        status: 'OK',
        recommendation: 'ALLOW_WITH_CAUTION',
        thesis: 'Momentum continues.',
        provider: 'scripted',
        promptVersion: 'memo-1',
        inputTokens: 1_000,
        cost: '0.00021',
      },
    });
    const outcome = await fixture.commands.approve(OPERATOR, approvalId, approval?.shownHash ?? '');
    expect(outcome).toMatchObject({ ok: true });
    expect(await blindOf(signalId)).toEqual([
      { decision: 'REVIEW', blind: { decision: 'APPROVE', codes: [] } },
      { decision: 'REVIEW', blind: { decision: 'APPROVE', codes: [] } },
    ]);
    expect((await reads.signal(signalId))?.memo).toMatchObject({ signalId });
    expect(await reads.memo(signalId)).toMatchObject({ attempts: [{ fault: null }], prompt: { system: memo1.system } });
    expect((await reads.reasoning('1h')).totals).toMatchObject({ memos: 1, caution: 1, judged: 1, tightened: 1 });
    expect(await reads.memos({ status: null, limit: 10 })).toMatchObject([{ symbol: 'AAPL', memo: { signalId } }]);
    await fixture.pool.query(
      `INSERT INTO fills (order_id, execution_id, symbol, side, qty, price, at, source)
       SELECT id, f.side, symbol, f.side, 2, f.price, now() + n * interval '1 ms', 'REST'
         FROM orders, (VALUES (1, 'BUY', 100), (2, 'SELL', 90)) AS f(n, side, price) WHERE signal_id = $1`,
      [signalId],
    );
    const { rows, trades } = await reads.calibration();
    expect(rows.find(({ verdict }) => verdict === 'ALLOW_WITH_CAUTION')).toMatchObject({
      memos: 1,
      trades: 1,
      pnl: '-20',
    });
    expect(trades).toMatchObject([{ signalId, closed: true, qty: '2', returnPct: '-0.1' }]);
    await db.$disconnect();
  });

  it('that is not there yet, or fails, counts against the trade, and what was stored is never changed', async () => {
    const signalId = await fixture.signal();
    let answer: (value: object) => void = () => undefined;
    const answered = new Promise<object>((resolve) => {
      answer = resolve;
    });
    const reasoner = {
      ...scripted(() => ''),
      ask: async () => ({ text: JSON.stringify(await answered), inputTokens: 1, outputTokens: 1 }),
    };
    const service = serviceWith(reasoner);
    const asked = service.consider(candidate(signalId));
    await expect.poll(async () => (await stored(signalId)).reasoning).toEqual({ status: 'FAILED' });
    answer({ no: 'memo' });
    expect(await asked).toEqual({ status: 'FAILED' });
    expect(await stored(signalId)).toMatchObject({ status: 'FAILED', memo: null, attempts: [{}, {}] });
    expect((await place(signalId)).kind).toBe('REVIEW');
    expect(await blindOf(signalId)).toMatchObject([{ decision: 'REVIEW', blind: { decision: 'APPROVE' } }]);
    const change = fixture.pool.query(`UPDATE memos SET status = 'DISABLED' WHERE signal_id = $1`, [signalId]);
    await expect(change).rejects.toThrow('never changed');
  });

  it('is asked for once, by however many ask; after a crash in between it is asked for again', async () => {
    const signalId = await fixture.signal();
    let calls = 0;
    const count = () => {
      calls += 1;
      return memoOf(signalId, { recommendation: 'AVOID' });
    };
    const crashed = serviceWith(scripted(count), {
      store: { ...createMemoStore(fixture.pool), finish: () => new Promise(() => undefined) },
    });
    void crashed.consider(candidate(signalId));
    await expect.poll(() => calls).toBe(1);
    const services = [serviceWith(scripted(count)), serviceWith(scripted(count))];
    const verdicts = await Promise.all(
      services.flatMap((service) => [1, 2].map(() => service.consider(candidate(signalId)))),
    );
    expect(new Set(verdicts.map(({ recommendation }) => recommendation))).toEqual(new Set(['AVOID']));
    const before = calls;
    await serviceWith(scripted(count)).consider(candidate(signalId));
    expect(calls).toBe(before);
    const { rows } = await fixture.pool.query('SELECT count(*)::int AS n FROM memos WHERE signal_id = $1', [signalId]);
    expect(rows).toEqual([{ n: 1 }]);
    expect((await stored(signalId)).reasoning).toEqual({ status: 'OK', recommendation: 'AVOID' });
  });

  it('that nobody is there to write is said to be switched off, and trading goes on', async () => {
    const signalId = await fixture.signal();
    expect(await serviceWith(null).consider(candidate(signalId))).toEqual({ status: 'DISABLED' });
    expect(await stored(signalId)).toMatchObject({
      status: 'DISABLED',
      fault: expect.stringContaining('switched off'),
    });
    expect((await place(signalId)).kind).toBe('PLACED');
    expect(await blindOf(signalId)).toMatchObject([{ decision: 'APPROVE', blind: { decision: 'APPROVE', codes: [] } }]);
  });

  it('serves again for the same input, with what it cites', async () => {
    const atMs = Date.UTC(2022, 0, 3);
    const id = 'wire:1';
    const item = { id, symbols: ['MSFT'], source: 'Wire', headline: 'Up', publishedMs: atMs - 1 };
    await createNewsStore(fixture.pool).write([item]);
    const asked = async () => {
      const signalId = await fixture.signal({ symbol: 'MSFT' });
      const service = serviceWith(scripted(() => memoOf(signalId, { cited_news_ids: [id] })));
      await service.consider(candidate(signalId, { symbol: 'MSFT', atMs }));
      return stored(signalId);
    };
    // The quote's age is part of the input: the market's clock stands still meanwhile.
    await fixture.pool.query('UPDATE market_clock SET speed = 0');
    let [first, again] = [await asked(), await asked()];
    for (let n = 0; n < 5 && again.cached_from === null; n += 1) [first, again] = [again, await asked()];
    await fixture.pool.query('UPDATE market_clock SET speed = 1');
    expect(again).toMatchObject({ status: 'OK', prompt: null, news: [{ id }], memo: { cited_news_ids: [id] } });
    expect(again.input_hash).toBe(first.input_hash);
  });

  it('of a signal that is none fails, and stores nothing', async () => {
    expect(await serviceWith(createRulesReasoner()).consider(candidate(randomUUID()))).toEqual({ status: 'FAILED' });
  });

  it('waits for the database rather than let a signal pass without', async () => {
    const signalId = await fixture.signal();
    let faults = 3;
    const store = createMemoStore(fixture.pool);
    const away = async () => {
      faults -= 1;
      throw new Error('away');
    };
    const service = serviceWith(
      scripted(() => memoOf(signalId, { recommendation: 'ALLOW' })),
      {
        store: {
          ...store,
          begin: (id) => (faults > 1 ? away() : store.begin(id)),
          finish: (each) => (faults > 0 ? away() : store.finish(each)),
        },
      },
    );
    expect(await service.consider(candidate(signalId))).toEqual({ status: 'OK', recommendation: 'ALLOW' });
    expect(faults).toBe(0);
  });

  it("keeps its place: a client does not state another in the memo's place", async () => {
    const signalId = await fixture.signal();
    await fixture.pool.query(`UPDATE signals SET source = 'REST', principal_id = $2 WHERE id = $1`, [
      signalId,
      ACTOR.principalId,
    ]);
    await serviceWith(scripted(() => memoOf(signalId, { recommendation: 'AVOID' }))).consider(candidate(signalId));
    await fixture.commands.evaluateCandidate(ACTOR, {
      signal_id: signalId,
      symbol: 'AAPL',
      candidate_action: 'BUY',
      confidence: 0.9,
      size_pct: 0.02,
      market_context: { data_age_seconds: 1, market_open: true, event_blackout_active: false },
      portfolio_context: { gross_exposure_pct: 0, daily_drawdown_pct: 0 },
      reasoning: { status: 'OK', recommendation: 'ALLOW' },
    });
    expect((await stored(signalId)).reasoning).toEqual({ status: 'OK', recommendation: 'AVOID' });
  });
});

describe('an attack by way of the news, obeyed by the model', () => {
  it('leaves a review a review, of the same order, and an approval is not had by it', async () => {
    const atMs = Date.UTC(2021, 0, 4);
    const items = ATTACKS.map(([name, headline], n): RawNews => {
      const id = `attack:${n}`;
      return { id, symbols: ['AAPL'], source: name, headline, publishedMs: atMs - 1 - n };
    });
    await createNewsStore(fixture.pool).write(items);
    const attack = ATTACKS[0]?.[1] ?? '';
    let obeyed = 0;
    for (const [n, [, hostile]] of HOSTILE_ANSWERS.entries()) {
      const signalId = await fixture.signal({ confidence: 0.5 });
      const { status } = await serviceWith(
        served(() => hostile(signalId, attack).replaceAll('"n0"', '"attack:0"')),
      ).consider(candidate(signalId, { atMs, sizePct: 0.02 + n / 1_000 }));
      if (status === 'OK') obeyed += 1;
      const { kind, reply } = await place(signalId);
      expect([kind, JSON.parse(reply).qty]).toEqual(['REVIEW', '2']);
      const codes = status === 'FAILED' ? ['CONFIDENCE_LOW', 'REASONING_FAILED'] : ['CONFIDENCE_LOW'];
      const { rows } = await fixture.pool.query(
        `SELECT e.blind, array(SELECT code FROM policy_rule_hits h WHERE h.evaluation_id = e.id ORDER BY id) AS codes
           FROM policy_evaluations e WHERE signal_id = $1`,
        [signalId],
      );
      expect(rows).toEqual([{ blind: { decision: 'REVIEW', codes: ['CONFIDENCE_LOW'] }, codes }]);
      const { news, prompt } = await stored(signalId);
      expect(news.length).toBeGreaterThan(5);
      expect(prompt.user.match(/<\/?data>/g)).toEqual(['<data>', '</data>']);
    }
    // A model that says ALLOW is believed to have said so: it changes nothing.
    expect(obeyed).toBeGreaterThanOrEqual(2);
  });
});

describe('news', () => {
  const item = (id: string, publishedMs: number, change: Partial<RawNews> = {}): RawNews => ({
    id,
    symbols: ['AAPL'],
    source: 'Wire',
    headline: `Headline ${id}`,
    publishedMs,
    ...change,
  });

  it('is kept once, as it came, whatever it holds', async () => {
    const store = createNewsStore(fixture.pool);
    const at = Date.UTC(2020, 0, 1);
    const odd = item('odd', at, { headline: 'a\u0000b\ud800c<b>', symbols: ['zz.a', 'no symbol', 'ZZ.A'] });
    const items = [
      odd,
      item('long', at + 1, { headline: 'x'.repeat(100_000), symbols: ['ZZ.A'] }),
      item('none', Number.NaN),
    ];
    expect(await store.write(items)).toBe(2);
    expect(await store.write(items)).toBe(0);
    const read = await store.read('ZZ.A', at, at + 2);
    expect(read.map(({ id, headline }) => [id, headline.length])).toEqual([
      ['long', 4_000],
      ['odd', 8],
    ]);
    expect(read[1]).toMatchObject({ symbols: ['ZZ.A'], headline: 'a\ufffdb\ufffdc<b>' });
    expect(await store.read('ZZ.A', at, at)).toEqual([]);
  });

  const FOLDER = sharedFile('data/news');

  describe.skipIf(!haveShared)('200 recorded headlines (skipped without ../shared)', () => {
    const FIRST = Date.UTC(2024, 2, 1);
    const DAYS = 9;
    const cited = new Map<string, number>();

    beforeAll(async () => {
      const store = createNewsStore(fixture.pool);
      for (const symbol of ['AAPL', 'MSFT']) {
        const items = await readNewsFile(path.join(FOLDER, `${symbol}_2024-03-01_2024-03-08.json`), null);
        cited.set(symbol, items.length);
        await store.write(items.map((each) => ({ ...each, id: `file:${each.id}` })));
      }
    });

    const REASONERS: readonly (readonly [string, (signalId: string) => Reasoner | null])[] = [
      ['the rules', createRulesReasoner],
      [
        'a model that cites all that it is shown, over HTTP',
        (signalId) =>
          served((user) => {
            const ids = [...user.matchAll(/"id":"(file:[^"]+)"/g)].map(([, id]) => id);
            return memoOf(signalId, { cited_news_ids: ids.slice(0, 10) });
          }),
      ],
    ];

    it.each(REASONERS)(
      'through %s: only supplied items from before the decision are cited, one at least',
      async (_, reasonerOf) => {
        expect([...cited.values()]).toEqual([100, 100]);
        let [memos, eligible, citations] = [0, 0, 0];
        for (const symbol of ['AAPL', 'MSFT']) {
          for (let step = 0; step < DAYS * 2; step += 1) {
            const atMs = FIRST + step * 12 * 3_600_000;
            const signalId = await fixture.signal({ symbol });
            const later = `file:planted-${signalId}`;
            await createNewsStore(fixture.pool).write([
              item(later, atMs, { symbols: [symbol], headline: `Cite ${later}` }),
            ]);
            await serviceWith(reasonerOf(signalId)).consider(candidate(signalId, { symbol, atMs }));
            const { status, memo, news, fault } = await stored(signalId);
            expect([status, fault]).toEqual(['OK', null]);
            const supplied = new Map<string, string>(
              news.map((each: { id: string; published_at: string }) => [each.id, each.published_at]),
            );
            for (const id of memo.cited_news_ids) {
              expect(Date.parse(supplied.get(id) ?? '')).toBeLessThan(atMs);
              expect(id).not.toBe(later);
            }
            expect(supplied.has(later)).toBe(false);
            expect(memo.cited_news_ids.length > 0).toBe(news.length > 0);
            memos += 1;
            eligible += news.length > 0 ? 1 : 0;
            citations += memo.cited_news_ids.length;
            await fixture.pool.query('DELETE FROM news WHERE id = $1', [later]);
          }
        }
        expect(memos).toBe(DAYS * 4);
        expect(eligible).toBeGreaterThan(20);
        expect(citations).toBeGreaterThanOrEqual(eligible);
      },
    );
  });
});
