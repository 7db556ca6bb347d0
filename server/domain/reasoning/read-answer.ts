import { JsonError, parseStrictJsonAt } from '@/server/kernel/strict-json';

export type AnswerReading =
  /** The one JSON value of the answer that may be a memo. */
  | { readonly kind: 'json'; readonly value: unknown }
  /** The answer ends while the model is still thinking. */
  | { readonly kind: 'unfinished' }
  /** Why there is not exactly one, in words for a repair prompt. */
  | { readonly kind: 'fault'; readonly fault: string };

const ONE_OBJECT = 'answer with one JSON object and nothing else';

/** More starts of JSON that turn out to be none than prose has. Bounds the time that one answer can take. */
const MAX_FALSE_STARTS = 100;

const NAMES =
  'think(?:ing)?|thoughts?|reason(?:ing)?|reflect(?:ion)?|analysis|scratch_?pad|(?:inner_)?monologue|deliberation|antthinking';
/** `<think>`, `</think>`, `<seed:think>`, `[THINK]`, `◁think▷`, `<|begin_of_thought|>`, `<|END_THINKING|>` and the like. */
const MARK = new RegExp(
  `(?:<\\|?|[[◁])\\s*(?<prefix>/|(?:begin|start|end)_(?:of_)?)?\\s*(?:[a-z][\\w-]*:)?(?<name>${NAMES})(?![\\w-])[^<>[\\]◁▷|]{0,100}(?:\\|?>|[\\]▷])`,
  'iy',
);
/** The next closing mark. */
const CLOSING = new RegExp(
  `(?:<\\|?|[[◁])\\s*(?:/|end_(?:of_)?)\\s*(?:[a-z][\\w-]*:)?(?:${NAMES})(?![\\w-])[^<>[\\]◁▷|]{0,100}(?:\\|?>|[\\]▷])`,
  'ig',
);
/** Models that answer in channels think in every channel but `final`. */
const CHANNEL = /<\|channel\|>\s*(?<name>\w+)[^<]{0,100}<\|message\|>/iy;
const CHANNEL_END = /<\|(?:end|start|return|channel)\|>/gi;
const START = /[{[<◁]/g;

/** Keys by which text is recognised as a memo, though it is no JSON. */
const KEY = '(?:signal_id|thesis|counter_thesis|recommendation|cited_news_ids)';
const QUOTE = '["\'`“”‘’\\\\]';
const LIKE_A_MEMO = new RegExp(
  `${QUOTE}\\s*${KEY}\\s*${QUOTE}+\\s*[:：]|\\{[^{}]{0,2000}?\\b${KEY}${QUOTE}*\\s*:`,
  'i',
);
/** A recommendation that is stated beside the JSON: `Recommendation: AVOID`, a line of YAML. */
const STATED = /recommendation["'`*_\\\s]*[:=]["'`*_\\\s]*(ALLOW_WITH_CAUTION|ALLOW|AVOID)\b/gi;

interface Mark {
  readonly opens: boolean;
  readonly closes: boolean;
  /** Position after it. */
  readonly end: number;
  /** Where the thinking that it opens ends. */
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
  // In square brackets other words are prose.
  if (text[at] === '[' && !/^think/i.test(name)) return null;
  const closes = /^(\/|end)/i.test(prefix);
  const empty = /\/\s*\|?>$/.test(found[0]);
  return { opens: !closes && !empty, closes, end: at + found[0].length, closing: CLOSING };
}

/** The position after the brace that closes the one at `start`; null when there is none. */
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
/** A list without objects is prose: `[1]`, `["n1"]`. */
const mayBeMemo = (value: unknown) => isObject(value) && (!Array.isArray(value) || value.some(isObject));

/** An answer without its thinking, taken apart. */
class Parts {
  /** JSON that may be a memo. */
  readonly values: unknown[] = [];
  /** Lists of other things. */
  readonly lists: unknown[] = [];
  prose = '';
  /** Of the first thing that looks like a memo and cannot be read. */
  error: JsonError | null = null;
}

/** Takes an answer apart, thinking left out. Null when it ends in the middle of a thought. */
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
      // Some models are begun in the middle of a thought: all before a closing mark was thinking.
      if (mark.closes) parts = new Parts();
      const end = mark.opens ? matchAt(mark.closing, text, mark.end) : null;
      if (mark.opens && end === null) return null;
      // What ends a channel may begin the next one.
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
  /** `text` is what belongs to it, as far as that can be told. */
  | { readonly ok: false; readonly error: JsonError; readonly end: number; readonly text: string };

/** The JSON that begins at a brace or bracket, if any does. */
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

/** Whether the text states a recommendation other than that of the memo. */
function contradicts(prose: string, value: unknown): boolean {
  const own = isObject(value) ? Object.entries(value).find(([key]) => key === 'recommendation')?.[1] : undefined;
  return [...prose.matchAll(STATED)].some(([, stated]) => stated?.toUpperCase() !== own);
}

const fault = (what: string): AnswerReading => ({ kind: 'fault', fault: `${what}: ${ONE_OBJECT}` });

/**
 * Finds the one JSON value in a model's answer. Thinking, in whatever marks, and prose around it are left out. Two values, a
 * repeated key at any depth, and anything beside the value that looks like another memo are faults: which of them was meant is
 * never guessed.
 * @param answer at most some 20 kB
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
