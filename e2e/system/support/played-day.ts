import type { Stack } from '@/workers/testing/stack';

/** Strategies that act often, so that a short session has many candidates. */
const STRATEGIES: readonly { name: string; params: Record<string, number> }[] = [
  { name: 'ema-cross', params: { fast: 1, slow: 2 } },
  { name: 'sma-cross', params: { fast: 1, slow: 3 } },
  { name: 'rsi-reversion', params: { period: 2 } },
  { name: 'donchian-breakout', params: { period: 2 } },
];
/** Purchases go to review: what is held, which depends on how soon a fill is booked, does not decide about what follows. */
const UNSURE = 0.5;
const MINUTE_MS = 60_000;

/** One run of the session. */
export interface Play {
  readonly name: string;
  readonly stack: Stack;
  /** From this bar's end on, market time, everything was seen as it happened. */
  readonly liveFromMs: number;
}

export interface Played {
  /** `start open high low close volume`, oldest first. */
  readonly bars: readonly string[];
  /** By the end of the bar and id. */
  readonly signals: readonly { readonly id: string; readonly strategy: string; readonly features: string }[];
}

const marketMs = `(extract(epoch FROM market_time + (clock_timestamp() - observed_at) * speed) * 1000)::float8`;

async function marketNow(stack: Stack): Promise<number | null> {
  const { rows } = await stack.pool.query<{ now: number }>(`SELECT ${marketMs} AS now FROM market_clock`);
  return rows[0]?.now ?? null;
}

/** Starts a worker with every bar strategy on SPY, and waits until the market is seen live. */
export async function startPlay(name: string, stack: Stack, env: Record<string, string>): Promise<Play> {
  for (const { name: strategy, params } of STRATEGIES)
    await stack.pool.query(
      `INSERT INTO strategy_settings (strategy, symbol, enabled, params, updated_by) VALUES ($1, 'SPY', true, $2, 'test')`,
      [strategy, { ...params, confidence: UNSURE }],
    );
  await stack.worker(env);
  await stack.reconciled(60_000);
  await stack.until(
    'features of SPY',
    async () => (await stack.pool.query(`SELECT 1 FROM features WHERE symbol = 'SPY'`)).rowCount === 1,
    60_000,
  );
  const now = await marketNow(stack);
  if (now === null) throw new Error('there is no market clock');
  return { name, stack, liveFromMs: (Math.floor(now / MINUTE_MS) + 2) * MINUTE_MS };
}

/**
 * Waits until the market's time is `ms` and the features are at most a minute behind it: candidates of the bar before those
 * features are stored, as a bar's candidates are stored before the next bar is looked at.
 */
export async function waitForMarket(stack: Stack, ms: number, limitMs: number): Promise<void> {
  await stack.until(
    `the market's ${new Date(ms).toISOString()}`,
    async () => {
      const { rows } = await stack.pool.query<{ at: Date; now: number }>(
        `SELECT f.at, ${marketMs} AS now FROM market_clock, features f WHERE f.symbol = 'SPY'`,
      );
      const row = rows[0];
      return row !== undefined && row.now >= ms && row.at.getTime() >= ms - MINUTE_MS;
    },
    limitMs,
  );
}

/** Bars and candidates of bars that ended in (fromMs, untilMs]. */
export async function playedOf(stack: Stack, fromMs: number, untilMs: number): Promise<Played> {
  const range = [new Date(fromMs), new Date(untilMs)];
  const bars = await stack.pool.query<{ bar: string }>(
    `SELECT concat_ws(' ', extract(epoch FROM start_at)::bigint, trim_scale(open), trim_scale(high), trim_scale(low),
       trim_scale(close), trim_scale(volume)) AS bar
     FROM bars WHERE symbol = 'SPY' AND start_at + interval '1 minute' > $1 AND start_at + interval '1 minute' <= $2
     ORDER BY start_at`,
    range,
  );
  const signals = await stack.pool.query<{ id: string; strategy: string; features: string }>(
    `SELECT id, strategy, features::text AS features FROM signals
     WHERE (features->>'atMs')::bigint > $1 AND (features->>'atMs')::bigint <= $2
     ORDER BY (features->>'atMs')::bigint, id`,
    [fromMs, untilMs],
  );
  return { bars: bars.rows.map(({ bar }) => bar), signals: signals.rows };
}

/** What the gate said of each: `REJECT DATA_STALE,…`; without an entry where no decision was made. */
export async function judgementsOf(
  stack: Stack,
  signals: readonly { readonly id: string }[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await stack.pool.query<{ id: string; verdict: string }>(
    `SELECT DISTINCT ON (e.signal_id) e.signal_id AS id,
       concat_ws(' ', e.decision, (SELECT string_agg(r->>'code', ',' ORDER BY r->>'code') FROM jsonb_array_elements(e.reasons) r)) AS verdict
     FROM policy_evaluations e WHERE e.kind = 'GATE' AND e.signal_id = ANY($1::uuid[]) ORDER BY e.signal_id, e.created_at`,
    [signals.map(({ id }) => id)],
  );
  return new Map(rows.map(({ id, verdict }) => [id, verdict]));
}
