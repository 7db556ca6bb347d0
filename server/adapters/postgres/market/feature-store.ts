import type { Pool } from 'pg';
import { z } from 'zod';
import type { FeatureStore, StoredFeatures } from '@/server/application/ports/feature-store';
import { KEPT_CLOSES } from '@/server/domain/features';

const nullable = z.number().nullable();

export const featureSnapshotSchema = z.object({
  symbol: z.string(),
  atMs: z.number(),
  close: z.number(),
  bars: z.object({ count: z.number(), fromMs: z.number(), toMs: z.number() }),
  sma20: nullable,
  ema20: nullable,
  rsi14: nullable,
  atr14: nullable,
  macd: z.object({ value: z.number(), signal: z.number(), histogram: z.number() }).nullable(),
  bollinger: z.object({ lower: z.number(), middle: z.number(), upper: z.number() }).nullable(),
  volatility20: nullable,
  relativeVolume: nullable,
  dollarsPerMinute: z.number(),
});

const rowSchema = z.object({
  snapshot: featureSnapshotSchema,
  dollars_per_minute: nullable,
  closes: z.array(z.tuple([z.number(), z.number()])),
});

/** Only a newer bar replaces an older one. Rows are written in the order of symbols, so that two writers never deadlock. */
const WRITE = `
  INSERT INTO features AS f (symbol, at, snapshot, dollars_per_minute, closes, updated_at)
  SELECT DISTINCT ON (r.symbol) r.symbol, r.at, r.snapshot, r.dollars, r.closes, clock_timestamp()
  FROM jsonb_to_recordset($1::jsonb) AS r(symbol text, at timestamptz, snapshot jsonb, dollars numeric, closes jsonb)
  ORDER BY r.symbol, r.at DESC
  ON CONFLICT (symbol) DO UPDATE SET at = excluded.at, snapshot = excluded.snapshot, dollars_per_minute = excluded.dollars_per_minute,
    closes = excluded.closes, updated_at = excluded.updated_at
  WHERE f.at < excluded.at`;

const LATEST = `
  SELECT symbol, snapshot, dollars_per_minute::float8 AS dollars_per_minute, closes FROM features WHERE symbol = ANY ($1::text[])`;

const toRow = ({ snapshot, dollarsPerMinute, closes }: StoredFeatures) => ({
  symbol: snapshot.symbol,
  at: new Date(snapshot.atMs).toISOString(),
  snapshot,
  dollars: dollarsPerMinute,
  closes: closes.slice(-KEPT_CLOSES),
});

/** The newest features of each symbol, in Postgres. */
export function createFeatureStore(pool: Pool): FeatureStore {
  return {
    async write(features) {
      if (features.length > 0) await pool.query(WRITE, [JSON.stringify(features.map(toRow))]);
    },
    async latest(symbols) {
      const { rows } = await pool.query<{ symbol: string }>(LATEST, [symbols]);
      return new Map(
        rows.map((row) => {
          const { snapshot, dollars_per_minute, closes } = rowSchema.parse(row);
          return [row.symbol, { snapshot, dollarsPerMinute: dollars_per_minute, closes }];
        }),
      );
    },
  };
}
