/** Text that is not JSON, or is ambiguous JSON; `position` counts characters from 0. */
export class JsonError extends Error {
  override readonly name = 'JsonError';

  constructor(
    readonly position: number,
    reason: string,
  ) {
    super(`${reason} at position ${position}`);
  }
}

/** No request of this API and no memo nests deeper than 4. */
const MAX_DEPTH = 32;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** Up to the next quote, backslash or control character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
const PLAIN = /[^"\\\u0000-\u001f]*/y;
/** In Unicode mode a valid surrogate pair is one character of another category. */
const LONE_SURROGATE = /\p{Cs}/u;
const HEX4 = /[0-9a-fA-F]{4}/y;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/**
 * Parses JSON as `JSON.parse` does, but refuses what two parsers could read differently or the database cannot
 * store: an object with the same key twice, a number that a double cannot hold exactly as written, the NUL character,
 * lone surrogates, the key `__proto__`, and nesting deeper than 32.
 * @throws JsonError naming the position
 */
export function parseStrictJson(text: string): unknown {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

/**
 * Reads the JSON value that begins at `start`, by the same rules, and leaves alone what follows it.
 * @returns the value and the position after it
 * @throws JsonError naming the position in the whole text
 */
export function parseStrictJsonAt(text: string, start: number): { readonly value: unknown; readonly end: number } {
  const reader = new Reader(text, start);
  const value = reader.value(0);
  return { value, end: reader.at };
}

class Reader {
  constructor(
    private readonly text: string,
    public at = 0,
  ) {}

  value(depth: number): unknown {
    this.skipSpace();
    const start = this.text[this.at];
    if (start === '{') return this.object(depth + 1);
    if (start === '[') return this.array(depth + 1);
    if (start === '"') return this.string();
    if (start === 't') return this.word('true', true);
    if (start === 'f') return this.word('false', false);
    if (start === 'n') return this.word('null', null);
    if (start === undefined) throw new JsonError(this.at, 'unexpected end');
    return this.number();
  }

  end(): void {
    this.skipSpace();
    if (this.at < this.text.length) throw new JsonError(this.at, 'unexpected text after the value');
  }

  private object(depth: number): Record<string, unknown> {
    this.enter(depth);
    const members: Record<string, unknown> = {};
    if (this.takes('}')) return members;
    do {
      this.skipSpace();
      const keyAt = this.at;
      if (this.text[this.at] !== '"') throw new JsonError(this.at, 'expected a key in double quotes');
      const key = this.string();
      if (Object.hasOwn(members, key))
        throw new JsonError(keyAt, `key ${JSON.stringify(key.slice(0, 40))} a second time`);
      if (key === '__proto__') throw new JsonError(keyAt, 'key "__proto__" is not accepted');
      this.needs(':');
      members[key] = this.value(depth);
    } while (this.takes(','));
    this.needs('}');
    return members;
  }

  private array(depth: number): unknown[] {
    this.enter(depth);
    const items: unknown[] = [];
    if (this.takes(']')) return items;
    do items.push(this.value(depth));
    while (this.takes(','));
    this.needs(']');
    return items;
  }

  private string(): string {
    const start = this.at;
    this.at += 1;
    let result = '';
    for (;;) {
      result += this.match(PLAIN) ?? '';
      const next = this.text[this.at];
      if (next === '"') break;
      if (next !== '\\')
        throw new JsonError(this.at, next === undefined ? 'unexpected end' : 'control character in a string');
      result += this.escape();
    }
    this.at += 1;
    if (result.includes('\u0000')) throw new JsonError(start, 'the NUL character in a string');
    if (LONE_SURROGATE.test(result)) throw new JsonError(start, 'half a surrogate pair in a string');
    return result;
  }

  private escape(): string {
    const letter = this.text[this.at + 1] ?? '';
    const simple = ESCAPES[letter];
    if (simple !== undefined) {
      this.at += 2;
      return simple;
    }
    if (letter !== 'u') throw new JsonError(this.at, 'unknown escape');
    this.at += 2;
    const code = this.match(HEX4);
    if (code === undefined) throw new JsonError(this.at, 'expected four hexadecimal digits');
    return String.fromCharCode(Number.parseInt(code, 16));
  }

  private number(): number {
    const start = this.at;
    const digits = this.match(NUMBER);
    if (digits === undefined) throw new JsonError(start, 'unexpected character');
    const value = Number(digits);
    if (!Number.isFinite(value)) throw new JsonError(start, 'number out of range');
    // 15 significant digits always survive a double of ordinary size; anything else is checked.
    if ((digits.length > 15 || Math.abs(value) < 1e-290) && significant(digits) !== significant(String(value))) {
      throw new JsonError(start, 'number with more digits than can be kept exactly (send it as a string)');
    }
    return value;
  }

  private word<T>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.at)) throw new JsonError(this.at, 'unexpected character');
    this.at += word.length;
    return value;
  }

  private enter(depth: number): void {
    if (depth > MAX_DEPTH) throw new JsonError(this.at, `nesting deeper than ${MAX_DEPTH}`);
    this.at += 1;
  }

  private takes(character: string): boolean {
    this.skipSpace();
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  private needs(character: string): void {
    if (this.takes(character)) return;
    throw new JsonError(this.at, this.at < this.text.length ? `expected "${character}"` : 'unexpected end');
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private skipSpace(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.at += 1;
    }
  }
}

/** The digits that carry the value, without sign, point, exponent, leading and trailing zeros. */
function significant(literal: string): string {
  const digits = literal.replace(/[eE].*$/, '').replace(/[-.]/g, '');
  return digits.replace(/^0+/, '').replace(/0+$/, '');
}
