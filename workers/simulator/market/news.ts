import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { hash32, unitHash } from './noise';

/** An item as Alpaca's news API shows it, but for its text. Times in epoch ms of market time. */
export interface SimNews {
  readonly id: number;
  readonly symbols: readonly string[];
  readonly headline: string;
  readonly author: string;
  readonly source: string;
  readonly createdMs: number;
}

/** Where news comes from: items of any of the symbols, in [fromMs, toMs], oldest first. */
export type NewsBook = (symbols: ReadonlySet<string> | null, fromMs: number, toMs: number) => SimNews[];

/** Each symbol has one in each of these, at a time that its seed says. */
const SLOT_MS = 4 * 3_600_000;
const MAX_SLOTS = 200;
const EVENTS = [
  'is said to prepare a new product line',
  'shares move with the wider market in quiet trading',
  'names a new head of operations',
  'analyst raises price target after site visit',
  'analyst cuts price target on slower orders',
  'signs a supply agreement with an unnamed partner',
  'faces questions over delivery times',
  'to present at an industry conference',
  'reports a short outage, since repaired',
  'completes a small acquisition',
] as const;

/** Made up, and saying so: the same seed invents the same. */
export function inventedNews(seed: number, listed: readonly string[]): NewsBook {
  const item = (symbol: string, index: number, slot: number): SimNews => {
    const salt = hash32(seed, index, 101);
    const event = EVENTS[Math.floor(unitHash(salt, slot, 1) * EVENTS.length)] ?? EVENTS[0];
    return {
      id: slot * 100 + index,
      symbols: [symbol],
      headline: `[invented] ${symbol} ${event}`,
      author: 'Simulator',
      source: 'simulator (invented)',
      createdMs: slot * SLOT_MS + Math.floor((unitHash(salt, slot, 2) * SLOT_MS) / 1_000) * 1_000,
    };
  };
  return (symbols, fromMs, toMs) => {
    const last = Math.floor(toMs / SLOT_MS);
    const first = Math.max(Math.floor(fromMs / SLOT_MS), last - MAX_SLOTS);
    const found: SimNews[] = [];
    for (let slot = first; slot <= last; slot += 1) {
      for (const [index, symbol] of listed.entries())
        if (symbols === null || symbols.has(symbol)) found.push(item(symbol, index, slot));
    }
    return inRange(found, fromMs, toMs);
  };
}

const inRange = (items: readonly SimNews[], fromMs: number, toMs: number) =>
  items
    .filter(({ createdMs }) => createdMs >= fromMs && createdMs <= toMs)
    .sort((a, b) => a.createdMs - b.createdMs || a.id - b.id);

const fileSchema = z.array(
  z.object({
    id: z.number().int().optional(),
    symbols: z.array(z.string()).min(1),
    headline: z.string().min(1),
    author: z.string().min(1).default('Simulator'),
    source: z.string().min(1).default('file'),
    created_at: z.iso.datetime({ offset: true }),
  }),
);

/** A file that cannot be used; the message says why. */
export class NewsFileError extends Error {
  override readonly name = 'NewsFileError';
}

/** News of a file: a JSON list of `{symbols, headline, created_at, id?, source?, author?}`, served as it stands. @throws NewsFileError */
export function newsOfFile(file: string): NewsBook {
  let items: SimNews[];
  try {
    items = fileSchema
      .parse(JSON.parse(readFileSync(file, 'utf8')))
      .map(({ created_at: createdAt, ...item }, index) => ({
        ...item,
        id: item.id ?? index + 1,
        createdMs: Date.parse(createdAt),
      }));
  } catch (error) {
    throw new NewsFileError(`SIMULATOR_NEWS: ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return (symbols, fromMs, toMs) =>
    inRange(
      items.filter((item) => symbols === null || item.symbols.some((symbol) => symbols.has(symbol))),
      fromMs,
      toMs,
    );
}
