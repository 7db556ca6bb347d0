type Encoding = 'o200k_base' | 'cl100k_base';

export interface TokenCounter {
  /** Loads the tokenizer's tables (about 10 MB, 0.1 s) on first use. */
  load(): Promise<void>;
  /** Upper bound of the model's token count. */
  count(text: string): number;
  /** Token count of the encoding itself, without the margin for unknown tokenizers. */
  plain(text: string): number;
}

/** Encodings of OpenAI's models by name prefix. All other models are counted with a margin. */
const KNOWN: readonly (readonly [RegExp, Encoding])[] = [
  [/^(gpt-4o|chatgpt-4o|gpt-4\.|gpt-[5-9]|gpt-oss|o[1-9](-|$))/, 'o200k_base'],
  [/^(gpt-4|gpt-3\.5)/, 'cl100k_base'],
];

const encodingOf = (model: string): Encoding | null =>
  KNOWN.find(([name]) => name.test(model.toLowerCase().replace(/^.*\//, '')))?.[1] ?? null;

/** Control tokens in a text count as ordinary text, as providers treat them. */
const AS_TEXT = { disallowedSpecial: new Set<string>() };
/** Limits the library's cache of merged words, which is unbounded by default. */
const CACHED_WORDS = 20_000;
/** Tokenizers of other models need up to this factor more tokens for English and JSON. */
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
 * Merging takes time quadratic in the length of a word: 100 kB without a space would block the process for many seconds.
 * Words are therefore split every 500 characters, which can only raise the count.
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

/** UTF-8 bytes of non-ASCII characters: tokenizers fall back to one token per byte for unknown characters. */
function foreignBytes(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is exactly that
  return Buffer.byteLength(text.replace(/[\u0000-\u007f]+/g, ''), 'utf8');
}

/**
 * Creates a counter for a model. The count is exact for OpenAI's models; for all others (Claude, Llama, Qwen, Mistral …) it is
 * 1.5 times that of o200k_base plus one token per non-ASCII byte.
 * @param exact false if the model is not OpenAI's, whatever its name
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
