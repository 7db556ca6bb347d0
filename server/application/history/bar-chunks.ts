import type { Bar } from '@/server/domain/exchange/types';
import type { NumberedBar } from '@/server/domain/market/bar-file';

/** Bars of one symbol that are written together, oldest first. */
export interface BarChunk {
  readonly symbol: string;
  readonly bars: readonly Bar[];
  /** Line of each bar. */
  readonly lines: readonly number[];
}

/** A chunk ends with a date once it has so many bars. */
const ENOUGH_BARS = 16_000;
/** Bars that are held at most; then the chunk that waited longest is passed on, wherever it ends. */
const HELD_BARS = 100_000;
/** Bars this far apart are of different dates, or at least in another part of the day. */
const BREAK_MS = 4 * 3_600_000;

/** Gathers bars, as they stand in a file, into chunks of one symbol each that are worth writing. */
export class BarChunks {
  /** Symbols in the order in which they were last added to. */
  readonly #open = new Map<string, NumberedBar[]>();
  #latest: { readonly symbol: string; rows: NumberedBar[] } | null = null;
  #held = 0;

  constructor(readonly newestFirst: (symbol: string) => boolean) {}

  /** Chunks that are complete with this bar. */
  *add(numbered: NumberedBar): Generator<BarChunk> {
    const { symbol, startMs } = numbered.bar;
    if (this.#latest?.symbol !== symbol) {
      const rows = this.#open.get(symbol) ?? [];
      this.#open.delete(symbol);
      this.#open.set(symbol, rows);
      this.#latest = { symbol, rows };
    }
    const { rows } = this.#latest;
    const last = rows.at(-1)?.bar;
    if (rows.length >= ENOUGH_BARS && last !== undefined && Math.abs(startMs - last.startMs) >= BREAK_MS)
      yield this.#close(symbol);
    else if (this.#held >= HELD_BARS) {
      const [longest = symbol] = this.#open.keys();
      yield this.#close(longest);
    }
    this.#latest.rows.push(numbered);
    this.#held += 1;
  }

  /** What is left. */
  *end(): Generator<BarChunk> {
    for (const symbol of [...this.#open.keys()])
      if ((this.#open.get(symbol)?.length ?? 0) > 0) yield this.#close(symbol);
  }

  #close(symbol: string): BarChunk {
    const rows = this.#open.get(symbol) ?? [];
    this.#held -= rows.length;
    const fresh: NumberedBar[] = [];
    if (this.#latest?.symbol === symbol) {
      this.#open.set(symbol, fresh);
      this.#latest.rows = fresh;
    } else this.#open.delete(symbol);
    if (this.newestFirst(symbol)) rows.reverse();
    return { symbol, bars: rows.map(({ bar }) => bar), lines: rows.map(({ line }) => line) };
  }
}
