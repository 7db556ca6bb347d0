import { JsonError, parseStrictJsonAt } from '@/server/kernel/strict-json';

export type AnswerReading =
  /** The one JSON value of the answer that may be a memo. */
  | { readonly kind: 'json'; readonly value: unknown }
  /** A thinking block is not closed. */
  | { readonly kind: 'unfinished' }
  /** Why there is not exactly one value, for the repair prompt. */
  | { readonly kind: 'fault'; readonly fault: string };

const ONE_OBJECT = 'answer with one JSON object and nothing else';

/** Braces and brackets that do not begin JSON, at most; bounds the time per answer. */
const MAX_FALSE_STARTS = 100;

const NAMES =
  'think(?:ing)?|thoughts?|reason(?:ing)?|reflect(?:ion)?|analysis|scratch_?pad|(?:inner_)?monologue|deliberation|antthinking';
/** Tags around thinking: `<think>`, `</think>`, `<seed:think>`, `[THINK]`, `◁think▷`, `<|begin_of_thought|>`, `<|END_THINKING|>` … */
const MARK = new RegExp(
  `(?:<\\|?|[[◁])\\s*(?<prefix>/|(?:begin|start|end)_(?:of_)?)?\\s*(?:[a-z][\\w-]*:)?(?<name>${NAMES})(?![\\w-])[^<>[\\]◁▷|]{0,100}(?:\\|?>|[\\]▷])`,
  'iy',
);
/** Closing tags of thinking. */
const CLOSING = new RegExp(
  `(?:<\\|?|[[◁])\\s*(?:/|end_(?:of_)?)\\s*(?:[a-z][\\w-]*:)?(?:${NAMES})(?![\\w-])[^<>[\\]◁▷|]{0,100}(?:\\|?>|[\\]▷])`,
  'ig',
);
/** Models with channels think in every channel but `final`. */
const CHANNEL = /<\|channel\|>\s*(?<name>\w+)[^<]{0,100}<\|message\|>/iy;
const CHANNEL_END = /<\|(?:end|start|return|channel)\|>/gi;
const START = /[{[<◁]/g;

/** Keys that identify a memo in text that is not valid JSON. */
const KEY = '(?:signal_id|thesis|counter_thesis|recommendation|cited_news_ids)';
const QUOTE = '["\'`“”‘’\\\\]';
const LIKE_A_MEMO = new RegExp(
  `${QUOTE}\\s*${KEY}\\s*${QUOTE}+\\s*[:：]|\\{[^{}]{0,2000}?\\b${KEY}${QUOTE}*\\s*:`,
  'i',
);
/** A recommendation outside the JSON: `Recommendation: AVOID`, or a line of YAML. */
const STATED = /recommendation["'`*_\\\s]*[:=]["'`*_\\\s]*(ALLOW_WITH_CAUTION|ALLOW|AVOID)\b/gi;

interface Mark {
  readonly opens: boolean;
  readonly closes: boolean;
  /** Position after the tag. */
  readonly end: number;
  /** Matches the end of the thinking that it opens. */
  readonly closing: RegExp;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function markAt(text: string, at: number): Mark | null {
  const channel = matchAt(CHANNEL, text, at);
  if (channel !== null) {
    const opens = channel.groups?.['name']?.toLowerCase() !== 'final';
    return { opens, closes: false, end: at + channel[0].length, closing: CHANNEL_END };
  }
  const found = matchAt(MARK, text, at);
  if (found === null) return null;
  const { prefix = '', name = '' } = found.groups ?? {};
  // Other words in square brackets are prose.
  if (text[at] === '[' && !/^think/i.test(name)) return null;
  const closes = /^(\/|end)/i.test(prefix);
  const empty = /\/\s*\|?>$/.test(found[0]);
  return { opens: !closes && !empty, closes, end: at + found[0].length, closing: CLOSING };
}

/** Position after the brace that closes the one at `start`; null if it is not closed. */
function endOfBraces(text: string, start: number): number | null {
  let depth = 0;
  let quoted = false;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (character === '\\') at += 1;
    else if (character === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (character === '{') depth += 1;
    else if (character === '}') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return null;
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null;
/** Arrays without objects are prose, such as the citation `[1]`. */
const mayBeMemo = (value: unknown) => isObject(value) && (!Array.isArray(value) || value.some(isObject));

/** The parts of an answer outside its thinking. */
class Parts {
  /** JSON values that may be a memo. */
  readonly values: unknown[] = [];
  /** Arrays without objects. */
  readonly lists: unknown[] = [];
  prose = '';
  /** Error of the first invalid JSON that looks like a memo. */
  error: JsonError | null = null;
}

/** Splits an answer into its parts without thinking. Null if a thinking block is not closed. */
function takeApart(text: string): Parts | null {
  let parts = new Parts();
  let falseStarts = 0;
  let at = 0;
  while (at < text.length) {
    const start = matchAt(START, text, at)?.index ?? text.length;
    parts.prose += text.slice(at, start);
    at = start;
    const mark = markAt(text, at);
    if (mark !== null) {
      // Some chat templates open the thinking block themselves: all text before a lone closing tag is thinking.
      if (mark.closes) parts = new Parts();
      const end = mark.opens ? matchAt(mark.closing, text, mark.end) : null;
      if (mark.opens && end === null) return null;
      // The end of a channel may begin the next one, so it is not consumed.
      at = end === null ? mark.end : end.index + (mark.closing === CLOSING ? end[0].length : 0);
      parts.prose += ' ';
    } else if (text[at] === '{' || text[at] === '[') {
      const json = jsonAt(text, at);
      if (json.ok) (mayBeMemo(json.value) ? parts.values : parts.lists).push(json.value);
      else {
        falseStarts += 1;
        const tooMany = falseStarts > MAX_FALSE_STARTS;
        if (tooMany || LIKE_A_MEMO.test(json.text)) parts.error ??= json.error;
        if (tooMany) return parts;
        parts.prose += text.slice(at, json.end);
      }
      at = json.end;
    } else {
      parts.prose += text.slice(at, at + 1);
      at += 1;
    }
  }
  return parts;
}

type JsonAt =
  | { readonly ok: true; readonly value: unknown; readonly end: number }
  /** `text` is the extent of the invalid JSON, as far as its braces show it. */
  | { readonly ok: false; readonly error: JsonError; readonly end: number; readonly text: string };

/** Parses the JSON value that begins at a brace or bracket. */
function jsonAt(text: string, at: number): JsonAt {
  try {
    return { ok: true, ...parseStrictJsonAt(text, at) };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const end = text[at] === '{' ? endOfBraces(text, at) : null;
    if (end !== null) return { ok: false, error, end, text: text.slice(at, end) };
    const next = matchAt(/[{}]/g, text, at + 1)?.index ?? text.length;
    return { ok: false, error, end: at + 1, text: text[at] === '{' ? text.slice(at, next) : '' };
  }
}

/** Whether the prose states a recommendation that differs from the memo's. */
function contradicts(prose: string, value: unknown): boolean {
  const own = isObject(value) ? Object.entries(value).find(([key]) => key === 'recommendation')?.[1] : undefined;
  return [...prose.matchAll(STATED)].some(([, stated]) => stated?.toUpperCase() !== own);
}

const fault = (what: string): AnswerReading => ({ kind: 'fault', fault: `${what}: ${ONE_OBJECT}` });

/**
 * Finds the one JSON value in a model's answer, ignoring thinking and surrounding prose. Two values, a repeated key at any depth,
 * and other text that looks like a memo are faults: the reader never chooses between memos.
 * @param answer at most about 20 kB
 */
export function readAnswer(answer: string): AnswerReading {
  const parts = takeApart(answer);
  if (parts === null) return { kind: 'unfinished' };
  const { values, lists, prose, error } = parts;
  if (error !== null) return fault(`the answer is not valid JSON (${error.message})`);
  if (values.length > 1) return fault(`the answer holds ${values.length} JSON values, and one memo is wanted`);
  const value = values[0] ?? lists[0];
  if (value === undefined) return fault('the answer is not valid JSON');
  if (LIKE_A_MEMO.test(prose) || contradicts(prose, value))
    return fault('beside its JSON the answer holds what looks like another memo');
  return { kind: 'json', value };
}
