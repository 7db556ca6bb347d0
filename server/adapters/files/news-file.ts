import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import type { NewsSource } from '@/server/application/ports/news-source';
import { symbolSchema } from '@/server/contracts/symbol';
import type { RawNews } from '@/server/domain/reasoning/news-summary';

/** A file that is no file of news; the message names the item. Nothing of it counts. */
export class NewsFileError extends Error {
  override readonly name = 'NewsFileError';
}

const MAX_BYTES = 256 * 1024 * 1024;

const symbols = z.union([symbolSchema.transform((symbol) => [symbol]), z.array(symbolSchema)]);

/** Names that the usual exports give to the same things. */
const itemSchema = z
  .object({
    id: z.union([z.string(), z.number()]).optional(),
    ticker: symbols.optional(),
    symbol: symbols.optional(),
    symbols: symbols.optional(),
    title: z.string().optional(),
    headline: z.string().optional(),
    source: z.string().default(''),
    date: z.iso.datetime({ offset: true }).optional(),
    published_at: z.iso.datetime({ offset: true }).optional(),
    created_at: z.iso.datetime({ offset: true }).optional(),
    url: z.string().optional(),
  })
  .transform((item) => ({
    id: item.id,
    url: item.url,
    source: item.source,
    symbols: item.symbols ?? item.symbol ?? item.ticker,
    headline: item.headline ?? item.title,
    at: item.published_at ?? item.created_at ?? item.date,
  }))
  .refine(({ headline }) => headline !== undefined, 'has no title')
  .refine(({ at }) => at !== undefined, 'has no date');

const fileSchema = z.union([
  z.array(z.unknown()),
  z.object({ news: z.array(z.unknown()) }).transform(({ news }) => news),
]);

/** The same item in two files is one: by its id or address, else by what it says, where and when. */
function idOf(item: z.output<typeof itemSchema>): string {
  if (item.id !== undefined) return String(item.id);
  const identity = item.url ?? `${item.source}\n${item.at}\n${item.headline}`;
  return createHash('sha256').update(identity).digest('hex').slice(0, 20);
}

/**
 * Reads JSON: `{"news": [{"ticker", "title", "source", "date", "url"?}]}` or a bare array. Texts stay as they are: untrusted.
 * @param symbol of items that name none
 * @throws NewsFileError
 */
export function parseNewsFile(text: string, symbol: string | null): RawNews[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new NewsFileError('is not JSON');
  }
  const file = fileSchema.safeParse(parsed);
  if (!file.success) throw new NewsFileError('is no list of news: {"news": [...]} or [...]');
  return file.data.map((each, index) => {
    const item = itemSchema.safeParse(each);
    const where = `item ${index + 1}`;
    if (!item.success) {
      const issue = item.error.issues[0];
      throw new NewsFileError(`${where}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.replace(/: +/, ': '));
    }
    const { source, headline = '', at = '' } = item.data;
    const of = item.data.symbols ?? (symbol === null ? null : [symbol]);
    if (of === null) throw new NewsFileError(`${where}: names no symbol, and none is given for the file`);
    return { id: idOf(item.data), symbols: of, source, headline, publishedMs: Date.parse(at) };
  });
}

/** @throws NewsFileError, or the file system's error */
export async function readNewsFile(path: string, symbol: string | null): Promise<RawNews[]> {
  const { size } = await stat(path);
  if (size > MAX_BYTES) throw new NewsFileError(`has ${size} bytes; at most ${MAX_BYTES} are read`);
  return parseNewsFile(await readFile(path, 'utf8'), symbol);
}

/** A file as a source of news. It is read again when it has changed. */
export function createNewsFile(path: string): NewsSource {
  let known: { readonly version: string; readonly items: readonly RawNews[] } | null = null;
  async function items(): Promise<readonly RawNews[]> {
    const { mtimeMs, size } = await stat(path);
    const version = `${mtimeMs} ${size}`;
    if (known?.version !== version) known = { version, items: await readNewsFile(path, null) };
    return known.items;
  }
  return {
    async news(symbols, fromMs, untilMs) {
      const wanted = new Set(symbols);
      return (await items())
        .filter(({ publishedMs }) => publishedMs >= fromMs && publishedMs < untilMs)
        .filter((item) => item.symbols.some((each) => wanted.has(each)))
        .sort((a, b) => a.publishedMs - b.publishedMs || (a.id < b.id ? -1 : 1));
    },
  };
}
