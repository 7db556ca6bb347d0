import type { GateFeatures } from '@/server/application/ports/placement-store';
import type { Closes } from '@/server/domain/features/portfolio-correlation';

/** Features as gate_read returns them. `closes` is null where the caller said that it has those of this very bar. */
export interface RawFeatures {
  readonly symbol: string;
  readonly at: number;
  readonly dollars_per_minute: number | null;
  readonly closes: readonly (readonly [endMs: number, close: number])[] | null;
}

interface Known {
  readonly atMs: number;
  readonly closes: Closes;
}

/** More symbols than a process trades; each is some 240 numbers. The one read longest ago gives way. */
const MAX_SYMBOLS = 128;

/** Closes that this process has read: hundreds of numbers a symbol that change once a minute are not read for every order. */
export class ClosesCache {
  private readonly entries = new Map<string, Known>();

  /** What there is now: to be named to gate_read, and handed to {@link resolve} with its answer. */
  known(): ReadonlyMap<string, Known> {
    return new Map(this.entries);
  }

  /** @param known what was named: others may have changed the cache since */
  resolve(raw: readonly RawFeatures[], known: ReadonlyMap<string, Known>): Map<string, GateFeatures> {
    return new Map(raw.map((row) => [row.symbol, this.features(row, known)]));
  }

  private features(row: RawFeatures, known: ReadonlyMap<string, Known>): GateFeatures {
    const closes = row.closes === null ? known.get(row.symbol)?.closes : new Map(row.closes);
    // Without closes a correlation is unknown, which fails closed.
    const features = { atMs: row.at, dollarsPerMinute: row.dollars_per_minute, closes: closes ?? new Map() };
    if (closes !== undefined) this.keep(row.symbol, { atMs: row.at, closes });
    return features;
  }

  private keep(symbol: string, entry: Known): void {
    const before = this.entries.get(symbol);
    if (before !== undefined && before.atMs > entry.atMs) return;
    this.entries.delete(symbol);
    this.entries.set(symbol, entry);
    const [oldest] = this.entries.keys();
    if (this.entries.size > MAX_SYMBOLS && oldest !== undefined) this.entries.delete(oldest);
  }
}
