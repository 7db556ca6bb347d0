import { describe, expect, it } from 'vitest';
import { checkMemo, type MemoQuestion } from './check-memo';

const SIGNAL = '018f2b1e-7c3a-7d00-8a00-000000000001';

const asked: MemoQuestion = {
  signalId: SIGNAL,
  symbol: 'AAPL',
  news: [{ id: 'n1', source: 'Wire', published_at: '2024-03-08T15:00:00.000Z', headline: 'Apple rises' }],
  otherSymbols: [],
};

const FIELDS = {
  signal_id: SIGNAL,
  thesis: 'Trend is up.',
  counter_thesis: 'Volume is thin.',
  risk_flags: [],
  risk_notes: [],
  recommendation: 'ALLOW',
  cited_news_ids: [],
};
const memo = (change: object = {}) => JSON.stringify({ ...FIELDS, ...change });
const ALLOW = memo();
const AVOID = memo({ recommendation: 'AVOID' });
/** The memo with one more member, written as given. */
const withMember = (member: string) => ALLOW.replace(/\}$/, `,${member}}`);

/** What models think in, each around a draft. */
const THINKING: readonly (readonly [string, (draft: string) => string])[] = [
  ['<think>', (draft) => `<think>\n${draft}\n</think>\n\n`],
  ['<THINK>', (draft) => `<THINK>${draft}</Think>`],
  ['<thinking>', (draft) => `<thinking>${draft}</thinking>\n`],
  ['<thought>', (draft) => `<thought>${draft}</thought>\n`],
  ['<reasoning>', (draft) => `<reasoning>${draft}</reasoning>\n`],
  ['<reflection>', (draft) => `<reflection>${draft}</reflection>\n`],
  ['<scratchpad>', (draft) => `<scratchpad>${draft}</scratchpad>\n`],
  ['<analysis>', (draft) => `<analysis>${draft}</analysis>\n`],
  ['<seed:think>', (draft) => `<seed:think>${draft}</seed:think>`],
  ['<think> with attributes', (draft) => `<think budget="high">${draft}</think >`],
  ['[THINK]', (draft) => `[THINK]${draft}[/THINK]`],
  ['◁think▷', (draft) => `◁think▷${draft}◁/think▷`],
  ['<|begin_of_thought|>', (draft) => `<|begin_of_thought|>${draft}<|end_of_thought|>\n`],
  ['<|START_THINKING|>', (draft) => `<|START_THINKING|>${draft}<|END_THINKING|>`],
  ['a closing tag alone', (draft) => `First, ${draft}\n</think>\n\n`],
  ['one in another', (draft) => `<think>${draft}<think>${draft}</think>${draft}</think>`],
  ['two blocks', (draft) => `<think>${draft}</think>Well.<think>${draft}</think>`],
  ['channels', (draft) => `<|channel|>analysis<|message|>${draft}<|end|><|start|>assistant<|channel|>final<|message|>`],
];

describe('thinking is no part of the answer', () => {
  it.each(THINKING)('%s', (_, think) => {
    expect(checkMemo(think('The trend is up { maybe }.') + ALLOW, asked)).toMatchObject({ ok: true });
    // A draft within it is no memo, whichever of the two is stricter.
    expect(checkMemo(think(ALLOW) + AVOID, asked)).toMatchObject({ ok: true, memo: { recommendation: 'AVOID' } });
    expect(checkMemo(think(AVOID) + ALLOW, asked)).toMatchObject({ ok: true, memo: { recommendation: 'ALLOW' } });
    expect(checkMemo(think(withMember('"thesis":"x"')) + AVOID, asked)).toMatchObject({ ok: true });
    expect(checkMemo(think(ALLOW), asked)).toMatchObject({ ok: false });
    expect(checkMemo(think(ALLOW) + ALLOW + AVOID, asked)).toMatchObject({ ok: false });
  });

  it.each([
    ['<think>', `<think>\n${ALLOW}`],
    ['<think>, after the memo', `${ALLOW}\n<think>But then`],
    ['[THINK]', `[THINK]Hm. ${ALLOW}`],
    ['a channel', `<|channel|>analysis<|message|>${ALLOW}`],
  ])('that never ends is a fault: %s', (_, answer) => {
    const checked = checkMemo(answer, asked);
    expect(checked).toMatchObject({ ok: false, fault: expect.stringContaining('thinking never ends') });
  });

  it('is not looked for within the memo itself', () => {
    const quoting = memo({ thesis: 'A headline says </think> and [THINK].', recommendation: 'AVOID' });
    expect(checkMemo(quoting, asked)).toMatchObject({ ok: true, memo: { recommendation: 'AVOID' } });
    // Nor within one that cannot be read: it does not vanish before what follows.
    const broken = quoting.replace('"AVOID"', '"AVOID","recommendation":"AVOID"');
    expect(checkMemo(broken + ALLOW, asked)).toMatchObject({ ok: false });
  });
});

describe('one memo is read, whatever surrounds it', () => {
  it.each([
    ['nothing', ALLOW],
    ['a byte order mark', `\ufeff${ALLOW}`],
    ['prose', `Sure! Here is the memo {as asked}:\n\n${ALLOW}\n\nLet me know {if} I can help.`],
    ['prose that cites', `As [1] and ["n1"] say: ${ALLOW}`],
    ['a fence', `\`\`\`json\n${ALLOW}\n\`\`\``],
    ['a fence of another kind', `\`\`\`javascript\n${ALLOW}\n\`\`\``],
    ['a fence of a longer name', `\`\`\`JSON5 title="memo"\n${ALLOW}\n\`\`\``],
    ['a fence of tildes', `~~~json\n${ALLOW}\n~~~`],
    ['a fence of four', `\`\`\`\`json\n${ALLOW}\n\`\`\`\``],
    ['a fence that is not closed', `\`\`\`json\n${ALLOW}`],
    ['an empty fence', `\`\`\`json\n\`\`\`\n${ALLOW}`],
    ['a tag', `<answer>${ALLOW}</answer>`],
    ['prose that agrees', `**Recommendation:** ALLOW\n\n${ALLOW}`],
    ['white space within', JSON.stringify(FIELDS, null, '\t')],
    ['fences in its text', memo({ thesis: 'Up ```json {"a":1}``` it goes.' })],
    ['escapes in its keys', ALLOW.replace('"thesis"', '"thes\\u0069s"')],
  ])('%s', (_, answer) => {
    expect(checkMemo(answer, asked)).toMatchObject({ ok: true, memo: { recommendation: 'ALLOW' } });
  });
});

describe('two memos are a fault, never a choice', () => {
  const draft = `Draft:\n\`\`\`json\n${ALLOW}\n\`\`\`\nOn reflection, final answer:\n\`\`\`json\n${AVOID}\n\`\`\`\n`;
  it.each([
    ['in two fences', draft],
    [
      'in two fences, the stricter one first',
      draft.replace('ALLOW', 'x').replace('AVOID', 'ALLOW').replace('x', 'AVOID'),
    ],
    ['in prose', `Either ${ALLOW} or ${AVOID}.`],
    ['one after the other', ALLOW + AVOID],
    ['on two lines', `${ALLOW}\n${AVOID}\n`],
    ['twice the same', `${ALLOW}\n${ALLOW}`],
    ['after a closing fence', `\`\`\`json\n${ALLOW}\n\`\`\`\n${AVOID}`],
    ['before a fence', `${AVOID}\n\`\`\`json\n${ALLOW}\n\`\`\``],
    ['in tags', `<draft>${ALLOW}</draft><final>${AVOID}</final>`],
    ['one in an array', `[${AVOID}] ${ALLOW}`],
    ['one within another object', `{"final":${AVOID}} ${ALLOW}`],
    ['one in halves', `{"recommendation":"AVOID"} ${ALLOW}`],
    ['one cut off', `${ALLOW}\n${AVOID.slice(0, -5)}`],
    ['one with a trailing comma', `${ALLOW}\n${AVOID.replace(/\}$/, ',}')}`],
    ['one with comments', `${ALLOW}\n${AVOID.replace('{', '{ // final\n')}`],
    ['one in single quotes', `${ALLOW}\n${AVOID.replaceAll('"', "'")}`],
    ['one without quotes', `${ALLOW}\n{signal_id: ${SIGNAL}, recommendation: AVOID}`],
    ['one with curly quotes', `${ALLOW}\n${AVOID.replaceAll('"', '”')}`],
    ['one escaped', `${ALLOW}\n${JSON.stringify(AVOID)}`],
    ['one in other braces', `${ALLOW}\n${AVOID.replace('{', '｛').replace('}', '｝')}`],
    ['one with a repeated key', `${ALLOW}\n${AVOID.replace('{', '{"thesis":"x",')}`],
    ['one as YAML', `${ALLOW}\n---\nthesis: Trend is up.\nrecommendation: AVOID\n`],
    ['one in words', `${ALLOW}\n**Recommendation**: AVOID`],
    ['with another object beside it', `{"verdict":"AVOID"}\n${ALLOW}`],
  ])('%s', (_, answer) => {
    const checked = checkMemo(answer, asked);
    expect(checked).toMatchObject({ ok: false });
    expect(checked.ok ? '' : checked.fault).toMatch(/one JSON object/);
  });
});

describe('a repeated key is a fault', () => {
  it.each([
    ['at the top', withMember('"recommendation":"AVOID"')],
    ['with the same value', withMember('"recommendation":"ALLOW"')],
    ['at the top, first', ALLOW.replace('{', '{"recommendation":"AVOID",')],
    ['in an escaped spelling', withMember('"recommend\\u0061tion":"AVOID"')],
    ['in another escaped spelling', withMember('"\\u0072ecommendation":"AVOID"')],
    ['at depth', ALLOW.replace('"risk_notes":[]', '"risk_notes":[{"a":{"b":1,"b":2}}]')],
    ['that means a prototype', withMember('"__proto__":{}')],
  ])('%s', (_, answer) => {
    const checked = checkMemo(answer, asked);
    expect(checked).toMatchObject({ ok: false });
    expect(checked.ok ? '' : checked.fault).toMatch(/a second time|not accepted/);
  });
});

describe('what is not exactly a memo is none', () => {
  it.each([
    ['another spelling of a key', ALLOW.replace('"recommendation"', '"Recommendation"')],
    ['a key with a look-alike letter', withMember('"recommend\u0430tion":"AVOID"')],
    ['a key with an invisible character', withMember('"recommendation\u200b":"AVOID"')],
    ['a key in full width', withMember('"ｒecommendation":"AVOID"')],
    ['another spelling of a value', ALLOW.replace('"ALLOW"', '"allow"')],
    ['a value with white space', ALLOW.replace('"ALLOW"', '"ALLOW "')],
    ['a value with a look-alike letter', ALLOW.replace('"ALLOW"', '"\u0410LLOW"')],
    ['a trailing comma', ALLOW.replace(/\}$/, ',}')],
    ['a comment', ALLOW.replace('{', '{/* memo */')],
    ['single quotes', ALLOW.replaceAll('"', "'")],
    ['curly quotes', ALLOW.replaceAll('"', '”')],
    ['a mark between its members', ALLOW.replace(',', ',\ufeff')],
    ['half a surrogate pair', memo({ thesis: 'Up \ud800' })],
    ['a NUL', memo({ thesis: 'Up \u0000' })],
    ['text in an envelope', JSON.stringify({ memo: FIELDS })],
    ['an array', `[${ALLOW}]`],
    ['an array of two', `[${ALLOW},${AVOID}]`],
    ['two in an envelope', `{"draft":${ALLOW},"final":${AVOID}}`],
    ['text as text', JSON.stringify(ALLOW)],
    ['a list as text', ALLOW.replace('"risk_flags":[]', '"risk_flags":"[]"')],
    ['a number for text', ALLOW.replace('"Trend is up."', '42')],
    ['a memo for text', ALLOW.replace('"Trend is up."', AVOID)],
    ['null', ALLOW.replace('"ALLOW"', 'null')],
    ['nothing', ''],
    ['braces alone', '{}'],
    ['NaN', ALLOW.replace('[]', 'NaN')],
  ])('%s', (_, answer) => {
    expect(checkMemo(answer, asked)).toMatchObject({ ok: false });
  });

  it('is refused quickly, however many braces it has', () => {
    const startedMs = performance.now();
    for (const piece of ['{', '[', '{"a":', '[{', '{"a', '{}', '<think>', '</think>', '{"', '{ recommendation ', '"']) {
      expect(checkMemo(piece.repeat(Math.floor(19_900 / piece.length)), asked).ok).toBe(false);
    }
    // A scan that grows with the square of the text takes minutes.
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });
});
