import { type NewsItem, type ReasoningMemo, reasoningMemoSchema } from '@/server/contracts/memo';
import { namedSymbol } from './named-symbol';
import { plainText } from './plain-text';
import { readAnswer } from './read-answer';

export interface MemoQuestion {
  readonly signalId: string;
  readonly symbol: string;
  /** News items that were in the prompt. */
  readonly news: readonly NewsItem[];
  /** Symbols of the allowlist and the portfolio, which a memo must not name. */
  readonly otherSymbols: readonly string[];
}

export type MemoCheck =
  | { readonly ok: true; readonly memo: ReasoningMemo }
  /** What is wrong, for the repair prompt. */
  | { readonly ok: false; readonly fault: string };

const MAX_ANSWER = 20_000;

function clean(memo: ReasoningMemo): ReasoningMemo {
  const line = (text: string) => plainText(text, 2_000).text;
  return {
    ...memo,
    thesis: line(memo.thesis),
    counter_thesis: line(memo.counter_thesis),
    risk_notes: memo.risk_notes.map(line),
  };
}

function faultOf(memo: ReasoningMemo, question: MemoQuestion): string | null {
  const { signalId, symbol, news, otherSymbols } = question;
  if (memo.signal_id !== signalId) return `signal_id must be ${signalId}`;
  const supplied = new Set(news.map(({ id }) => id));
  const unknown = memo.cited_news_ids.find((id) => !supplied.has(id));
  if (unknown !== undefined)
    return `cited_news_ids names "${unknown.slice(0, 64)}", which is none of the supplied items`;
  if (memo.thesis === '' || memo.counter_thesis === '') return 'thesis and counter_thesis must say something';
  // Symbols of one letter are not compared: a single letter is also a word.
  const others = new Set(otherSymbols.filter((each) => each !== symbol && each.length > 1));
  for (const text of [memo.thesis, memo.counter_thesis, ...memo.risk_notes]) {
    const other = namedSymbol(text, symbol, others);
    if (other !== null) return `the memo names the symbol ${other}; it may speak of ${symbol} alone`;
  }
  return null;
}

/** Reads a reasoner's answer, which must contain exactly one memo about this signal. */
export function checkMemo(answer: string, question: MemoQuestion): MemoCheck {
  if (answer.length > MAX_ANSWER) return { ok: false, fault: 'the answer is too long' };
  const reading = readAnswer(answer);
  if (reading.kind === 'unfinished')
    return { ok: false, fault: 'the thinking never ends: answer with one JSON object and nothing else' };
  if (reading.kind === 'fault') return { ok: false, fault: reading.fault };
  const result = reasoningMemoSchema.safeParse(reading.value);
  if (!result.success) {
    const issues = result.error.issues
      .slice(0, 5)
      .map(({ path, message }) => `${path.join('.') || 'memo'}: ${message}`);
    return { ok: false, fault: `the JSON does not match the schema: ${issues.join('; ')}` };
  }
  const memo = clean(result.data);
  const fault = faultOf(memo, question);
  return fault === null
    ? { ok: true, memo: { ...memo, cited_news_ids: [...new Set(memo.cited_news_ids)] } }
    : { ok: false, fault };
}
