type Encoding = 'o200k_base' | 'cl100k_base';

export interface TokenCounter {
  /** Loads the tables: some 10 MB and a tenth of a second, so not before somebody counts. */
  load(): Promise<void>;
  /** Tokens as the model counts them, or more. */
  count(text: string): number;
  /** Tokens by the encoding itself, without the margin for models whose own is not known. */
  plain(text: string): number;
}

/** OpenAI's own models, by what their names begin with. Everything else is counted with a margin. */
const KNOWN: readonly (readonly [RegExp, Encoding])[] = [
  [/^(gpt-4o|chatgpt-4o|gpt-4\.|gpt-[5-9]|gpt-oss|o[1-9](-|$))/, 'o200k_base'],
  [/^(gpt-4|gpt-3\.5)/, 'cl100k_base'],
];

const encodingOf = (model: string): Encoding | null =>
  KNOWN.find(([name]) => name.test(model.toLowerCase().replace(/^.*\//, '')))?.[1] ?? null;

/** Whatever looks like a control token in a text is text, as providers treat it. */
const AS_TEXT = { disallowedSpecial: new Set<string>() };
/** Of merged words kept by the library, which grows without it. */
const CACHED_WORDS = 20_000;
/** Tokenizers of other models split English and JSON into up to this many times as many. */
const MARGIN = 1.5;

async function load(encoding: Encoding) {
  const module =
    encoding === 'cl100k_base'
      ? await import('gpt-tokenizer/encoding/cl100k_base')
      : await import('gpt-tokenizer/encoding/o200k_base');
  module.setMergeCacheSize(CACHED_WORDS);
  return (text: string) => pieces(text).reduce((sum, piece) => sum + module.countTokens(piece, AS_TEXT), 0);
}

/**
 * A word is merged in time that grows with its square: 100 kB without a space would stop the process for many seconds.
 * Runs of 500 characters are therefore counted by themselves, which makes tokens more rather than fewer.
 */
function pieces(text: string): readonly string[] {
  const found: string[] = [];
  let from = 0;
  for (const { 0: run, index } of text.matchAll(/\S{500}|\s{500}/g)) {
    found.push(text.slice(from, index + run.length));
    from = index + run.length;
  }
  found.push(text.slice(from));
  return found;
}

/** Bytes of UTF-8 beyond ASCII: a tokenizer that does not know a character falls back to a token a byte. */
function foreignBytes(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is exactly that
  return Buffer.byteLength(text.replace(/[\u0000-\u007f]+/g, ''), 'utf8');
}

/**
 * Counts for a model. For OpenAI's own the count is exact; for all others (Claude, Llama, Qwen, Mistral …) it is 1.5 times
 * that of o200k_base and a token for every byte that is not ASCII.
 * @param exact false: the model is not OpenAI's, whatever its name
 */
export function createTokenCounter(model: string, exact = true): TokenCounter {
  const known = exact ? encodingOf(model) : null;
  let counting: Promise<void> | null = null;
  let counter: ((text: string) => number) | null = null;
  const plain = (text: string) => {
    if (counter === null) throw new Error('the tokenizer is not loaded');
    return counter(text);
  };
  return {
    load() {
      counting ??= load(known ?? 'o200k_base').then((loaded) => {
        counter = loaded;
      });
      return counting;
    },
    plain,
    count: (text) => (known === null ? Math.ceil(plain(text) * MARGIN) + foreignBytes(text) : plain(text)),
  };
}
