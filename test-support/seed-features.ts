import type { Pool } from 'pg';
import { createFeatureStore } from '@/server/adapters/postgres/market/feature-store';
import { FeatureHistory } from '@/server/domain/features';

const MINUTE_MS = 60_000;
const BARS = 240;

/** -1 to 1, the same for the same text: no two symbols move alike. */
function noise(text: string): number {
  let hash = 2_166_136_261;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 16_777_619);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 31 - 1;
}

/**
 * Stores what a pipeline would have by now of symbols that trade a million dollars a minute, each moving on its own: liquid,
 * and correlated with nothing. For harnesses that seed quotes by hand.
 * @param nowMs the market's time; the database's clock where it is left out
 */
export async function seedFeatures(pool: Pool, symbols: readonly string[], nowMs?: number): Promise<void> {
  const endMs = Math.floor((nowMs ?? (await databaseNowMs(pool))) / MINUTE_MS) * MINUTE_MS;
  const records = symbols.flatMap((symbol) => {
    const history = new FeatureHistory(symbol);
    for (let n = BARS - 1; n >= 0; n -= 1) {
      const at = endMs - n * MINUTE_MS;
      const close = 100 + noise(`${symbol} ${n}`) / 10;
      history.next({ symbol, endMs: at, open: close, high: close + 0.05, low: close - 0.05, close, volume: 10_000 });
    }
    return history.record() ?? [];
  });
  await createFeatureStore(pool).write(records);
}

async function databaseNowMs(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ now: number }>('SELECT epoch_ms(clock_timestamp())::float8 AS now');
  return rows[0]?.now ?? Number.NaN;
}
