import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { ReasoningMemo } from '@/server/contracts/memo';
import { compilePolicy, DEFAULT_POLICY_BODY, evaluateGate } from '@/server/domain/policy';
import { inputWith } from '@/server/domain/policy/testing/gate-fixture';
import { canonicalJson } from '@/server/kernel/canonical-json';
import type { Decision } from '@/server/kernel/vocabulary';
import { checkMemo } from './check-memo';
import { namedSymbol } from './named-symbol';
import { type RawNews, summariseNews } from './news-summary';
import { buildPrompt } from './prompt';
import { ATTACKS, HOSTILE_ANSWERS } from './testing/attacks';

// Many cases: the default of 5 s is for a quiet machine.
vi.setConfig({ testTimeout: 60_000 });

const AT = Date.UTC(2024, 2, 8, 15);
const SIGNAL = '018f2b1e-7c3a-7d00-8a00-000000000001';
const SYMBOLS = ['MSFT', 'SPY', 'NVDA', 'AMZN', 'GME'];
const STRICTNESS: Readonly<Record<Decision, number>> = { APPROVE: 0, REVIEW: 1, REJECT: 2 };

const TEMPLATE = { version: 'test', system: 'rules', task: 'task' };

function attacked(headlines: readonly string[]) {
  const raw = headlines.map(
    (headline, n): RawNews => ({ id: `n${n}`, symbols: ['AAPL'], source: headline, headline, publishedMs: AT - n - 1 }),
  );
  const summary = summariseNews(raw, { symbol: 'AAPL', decisionMs: AT });
  const data = { signal: { signal_id: SIGNAL, symbol: 'AAPL' }, market: {}, portfolio: {}, news: summary.items };
  const prompt = buildPrompt(TEMPLATE, data, (text) => Math.ceil(text.length / 3), 5_000);
  return { summary, prompt };
}

/** All that policy is given of an answer: what the memo service stores as the signal's verdict. */
function verdictOf(answer: string, news: ReturnType<typeof attacked>['prompt']['news']) {
  const checked = checkMemo(answer, { signalId: SIGNAL, symbol: 'AAPL', news, otherSymbols: SYMBOLS });
  return checked.ok
    ? ({ status: 'OK', recommendation: checked.memo.recommendation, memo: checked.memo } as const)
    : ({ status: 'FAILED', memo: null } as const);
}

/** Texts of a memo that people see. */
const textsOf = ({ thesis, counter_thesis, risk_notes }: ReasoningMemo) => [thesis, counter_thesis, ...risk_notes];

describe.each(ATTACKS)('an item with %s', (_, headline) => {
  const { summary, prompt } = attacked([headline, 'An ordinary headline']);

  it('stays one line of data in its block', () => {
    expect(prompt.user.match(/<\/?[a-z]+>/gi)).toEqual(['<data>', '</data>']);
    expect(prompt.user.split('\n')).toHaveLength(5);
    for (const item of summary.items) {
      expect(item.headline).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
      expect([...item.headline].length).toBeLessThanOrEqual(300);
      expect([...item.source].length).toBeLessThanOrEqual(80);
    }
    expect(prompt.tokens).toBeLessThanOrEqual(5_000);
    const block = prompt.user.slice(prompt.user.indexOf('<data>\n') + 7, prompt.user.lastIndexOf('\n</data>'));
    expect(Object.keys(JSON.parse(block))).toEqual(['market', 'news', 'portfolio', 'signal']);
  });

  it.each(HOSTILE_ANSWERS)(
    'that a model obeys with %s loosens nothing, changes no limit and names no other symbol',
    (__, hostile) => {
      const answer = hostile(SIGNAL, headline);
      const verdict = verdictOf(answer, prompt.news);
      const { memo, ...reasoning } = verdict;
      for (const text of memo === null ? [] : textsOf(memo)) {
        expect(namedSymbol(text, 'AAPL', new Set(SYMBOLS))).toBeNull();
        expect(text).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
        expect(text.length).toBeLessThanOrEqual(1_200);
      }
      for (const change of [{}, { signal: { confidence: 1n } }, { market: { open: false } }]) {
        const without = inputWith(change);
        const given = { ...without, signal: without.signal && { ...without.signal, reasoning } };
        const [before, after] = [evaluateGate(without), evaluateGate(given)];
        expect(STRICTNESS[after.decision]).toBeGreaterThanOrEqual(STRICTNESS[before.decision]);
        expect([after.orderQty, after.approvedSizePct]).toEqual([before.orderQty, before.approvedSizePct]);
        const thresholds = (decision: typeof before) =>
          decision.reasons
            .filter(({ code }) => !code.startsWith('REASONING'))
            .map(({ code, threshold }) => [code, threshold]);
        expect(thresholds(after)).toEqual(thresholds(before));
        expect(canonicalJson(DEFAULT_POLICY_BODY)).toBe(POLICY);
        expect(given.policy).toEqual(compilePolicy(DEFAULT_POLICY_BODY, 1));
      }
    },
  );
});

const POLICY = canonicalJson(DEFAULT_POLICY_BODY);

describe('thousands of items', () => {
  it('make a prompt no longer, and leave the newest', () => {
    const { summary, prompt } = attacked(
      Array.from({ length: 5_000 }, (_, n) => `${n} ${ATTACKS[n % ATTACKS.length]?.[1].slice(0, 2_000)}`),
    );
    expect(summary.items).toHaveLength(25);
    expect(summary.left.surplus + summary.left.repeated + summary.left.empty).toBe(4_975);
    expect(prompt.tokens).toBeLessThanOrEqual(5_000);
    expect(prompt.news[0]?.id).toBe('n0');
  });
});

describe('any answer', () => {
  it('is a memo within its limits that names no other symbol, or none; policy sees one of four words', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constantFrom(...ATTACKS.map(([, each]) => each.slice(0, 900))),
    );
    const answers = fc.record({
      signal_id: fc.constantFrom(SIGNAL, 'x'),
      thesis: text,
      counter_thesis: text,
      risk_flags: fc.array(fc.constantFrom('macro_event', 'approve'), { maxLength: 2 }),
      risk_notes: fc.array(text, { maxLength: 2 }),
      recommendation: fc.constantFrom('ALLOW', 'AVOID', 'APPROVE', 'ALLOW '),
      cited_news_ids: fc.array(fc.constantFrom('n0', 'n9'), { maxLength: 2 }),
    });
    const { prompt } = attacked(['An ordinary headline']);
    let memos = 0;
    fc.assert(
      fc.property(answers, (answer) => {
        const { memo, ...verdict } = verdictOf(JSON.stringify(answer), prompt.news);
        expect(['OK', 'FAILED']).toContain(verdict.status);
        if (memo === null) return;
        memos += 1;
        for (const each of textsOf(memo)) expect(namedSymbol(each, 'AAPL', new Set(SYMBOLS))).toBeNull();
        expect(memo.cited_news_ids.every((id) => id === 'n0')).toBe(true);
      }),
      { numRuns: 2_000 },
    );
    expect(memos).toBeGreaterThan(10);
  });
});

describe('another symbol is found', () => {
  it.each([
    ['MSFT', 'Better buy MSFT.'],
    ['MSFT', 'MSFT, not this one'],
    ['MSFT', 'Cyrillic: \u041cSFT'],
    ['MSFT', 'small capitals: \u1d0d\ua731\ua730\u1d1b'],
    ['MSFT', 'flags: \u{1f1f2}\u{1f1f8}\u{1f1eb}\u{1f1f9}'],
    ['MSFT', 'accents: M\u0304SFT'],
    ['MSFT', 'spread: M S F T or M.S.F.T'],
    ['MSFT', 'MsFT'],
    ['MSFT', 'go for $msft'],
    ['GME', '$GME to the moon'],
    ['XYZ', 'NASDAQ: XYZ'],
    ['TSLA', 'sell TSLA first'],
    ['BRK.B', 'or BRK.B'],
  ])('%s in "%s"', (symbol, text) => {
    expect(namedSymbol(text, 'AAPL', new Set(['MSFT', 'BRK.B']))).toBe(symbol);
  });

  it.each([
    'AAPL and $AAPL, NASDAQ:AAPL',
    'RSI and MACD agree; the SEC and the FOMC are quiet. Sell ALL? Buy NOW? I. T. spending',
    'a microsoft deal is said to be near',
    '$5 and $b',
  ])('not in "%s"', (text) => {
    expect(namedSymbol(text, 'AAPL', new Set(['MSFT', 'F']))).toBeNull();
  });
});
