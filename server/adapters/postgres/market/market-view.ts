import type { Pool } from 'pg';
import type { MarketView, ReadMarketView } from '@/server/application/ports/market-view';

/** As the gate: a clock unseen for longer says nothing of now. */
const CLOCK_MAX_AGE_MS = 10_000;
/** Default threshold of DATA_STALE. */
const DEFAULT_MAX_DATA_AGE_SECONDS = 30;

interface Row {
  market_now: number | null;
  age: number | null;
  speed: number | null;
  is_open: boolean | null;
  source: string | null;
  max_age: number | null;
}

const VIEW = `
  SELECT (epoch_ms(c.market_time) + (epoch_ms(n.now) - epoch_ms(c.observed_at)) * c.speed)::float8 AS market_now,
         (epoch_ms(n.now) - epoch_ms(c.observed_at))::float8 AS age, c.speed, c.is_open, c.source,
         (SELECT (v.body->>'max_data_age_seconds')::float8 FROM settings s JOIN policy_versions v ON v.version = s.active_policy_version) AS max_age
  FROM (SELECT clock_timestamp() AS now) n LEFT JOIN market_clock c ON c.id = 1`;

/** The market's clock and what policy says of age, in one statement. */
export const createReadMarketView =
  (pool: Pool): ReadMarketView =>
  async (): Promise<MarketView> => {
    const { rows } = await pool.query<Row>(VIEW);
    const row = rows[0];
    const known = row?.age !== null && row?.age !== undefined && row.age <= CLOCK_MAX_AGE_MS;
    return {
      marketNowMs: known ? row.market_now : null,
      speed: row?.speed ?? 1,
      isOpen: known && row.is_open === true,
      source: row?.source || null,
      maxDataAgeSeconds: row?.max_age ?? DEFAULT_MAX_DATA_AGE_SECONDS,
    };
  };
