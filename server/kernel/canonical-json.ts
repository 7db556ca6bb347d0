/** Plain JSON data. Members that are `undefined` are left out, as JSON does. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined };

/** Quotes, backslashes, control characters and surrogates need JSON's own escaping; nearly no text here has them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON escapes exactly these
const NEEDS_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/;

function quote(text: string): string {
  return NEEDS_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`;
}

const MAX_KNOWN_KEYS = 4096;
const knownKeys = new Map<string, string>();

/** `"key":`. Keys are few and come again and again; the bound keeps foreign input from filling memory. */
function quoteKey(key: string): string {
  const known = knownKeys.get(key);
  if (known !== undefined) return known;
  const quoted = `${quote(key)}:`;
  if (knownKeys.size < MAX_KNOWN_KEYS) knownKeys.set(key, quoted);
  return quoted;
}

/** Insertion sort: objects here have a handful of keys, often in order already, and it then beats the built-in. */
function sortKeys(keys: string[]): string[] {
  if (keys.length > 32) return keys.sort();
  for (let end = 1; end < keys.length; end += 1) {
    const key = keys[end] ?? '';
    let at = end - 1;
    for (; at >= 0; at -= 1) {
      const before = keys[at] ?? '';
      if (before <= key) break;
      keys[at + 1] = before;
    }
    keys[at + 1] = key;
  }
  return keys;
}

function writeArray(values: readonly (JsonValue | undefined)[]): string {
  let text = '[';
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    if (index > 0) text += ',';
    text += value === undefined ? 'null' : canonicalJson(value);
  }
  return `${text}]`;
}

/**
 * JSON without spaces and with keys sorted by UTF-16 code units: equal values give equal text (as RFC 8785 for the data
 * that is used here). @throws TypeError for what JSON cannot say: NaN, infinities, bigint, functions, class instances
 */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${value} has no JSON form`);
    // Adding zero turns -0 into 0.
    return String(value + 0);
  }
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value === null) return 'null';
  if (typeof value !== 'object') throw new TypeError(`a ${typeof value} has no JSON form`);
  if (Array.isArray(value)) return writeArray(value);
  const members = value as { readonly [key: string]: JsonValue | undefined };
  const prototype: unknown = Object.getPrototypeOf(members);
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError('only plain objects have a JSON form');
  const keys = sortKeys(Object.keys(members));
  let text = '';
  for (const key of keys) {
    const member = members[key];
    if (member === undefined) continue;
    text += (text === '' ? '{' : ',') + quoteKey(key) + canonicalJson(member);
  }
  return text === '' ? '{}' : `${text}}`;
}
