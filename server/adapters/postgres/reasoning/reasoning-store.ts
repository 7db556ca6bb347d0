import type { Pool } from 'pg';
import { z } from 'zod';
import type { ReasoningStore } from '@/server/application/ports/reasoning-store';
import { formatUnits, parseUnits } from '@/server/kernel/money';

const units = z.string().transform(parseUnits);
const count = z.coerce.number().int();

const termsRow = z.object({
  tokens_per_day: count.nullable(),
  dollars_per_day: units.nullable(),
  tokens_per_signal: count.nullable(),
  dollars_per_signal: units.nullable(),
  input_per_million: units.nullable(),
  output_per_million: units.nullable(),
});

/** Without a row of limits there are none. */
const TERMS = `SELECT l.tokens_per_day::text, l.dollars_per_day::text, l.tokens_per_signal::text, l.dollars_per_signal::text,
    p.input_per_million::text, p.output_per_million::text
  FROM (SELECT 1) one LEFT JOIN reasoning_limits l ON l.id = 1 LEFT JOIN model_prices p ON p.model = $1`;

/**
 * One statement: the day's row is locked while the limit is compared, so that two cannot both take what is left. The first of
 * a day has no row to lock; then the primary key decides, and the loser compares again.
 */
const RESERVE = `
  WITH l AS (
    SELECT coalesce(tokens_per_day, 9223372036854775807) AS tokens, coalesce(dollars_per_day, 1e25) AS dollars
      FROM (SELECT 1) one LEFT JOIN reasoning_limits ON id = 1)
  INSERT INTO reasoning_days AS d (day, tokens, dollars, memos)
  SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date, $1::bigint, $2::numeric, 1 FROM l
   WHERE $1::bigint <= l.tokens AND $2::numeric <= l.dollars
  ON CONFLICT (day) DO UPDATE
     SET tokens = d.tokens + excluded.tokens, dollars = d.dollars + excluded.dollars, memos = d.memos + 1
   WHERE d.tokens + excluded.tokens <= (SELECT tokens FROM l) AND d.dollars + excluded.dollars <= (SELECT dollars FROM l)
  RETURNING d.day::text`;

const USED = `SELECT coalesce(d.tokens, 0)::text AS tokens, coalesce(d.dollars, 0)::text AS dollars,
    l.tokens_per_day::text, l.dollars_per_day::text
  FROM (SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date AS day) t
  LEFT JOIN reasoning_days d USING (day) LEFT JOIN reasoning_limits l ON l.id = 1`;

const usedRow = z.object({
  tokens: count,
  dollars: units,
  tokens_per_day: count.nullable(),
  dollars_per_day: units.nullable(),
});

/** Which limit stood in the way, as it looks just after. */
function exhausted(row: z.output<typeof usedRow>, most: { readonly tokens: number }): string {
  const { tokens, tokens_per_day: tokenLimit, dollars, dollars_per_day: dollarLimit } = row;
  const inTokens = tokenLimit !== null && tokens + most.tokens > tokenLimit;
  const figures = inTokens
    ? `${tokens} of ${tokenLimit} tokens`
    : `${formatUnits(dollars)} of ${dollarLimit === null ? 'no' : formatUnits(dollarLimit)} dollars`;
  return `the day's budget is used up: ${figures} are spent or reserved, and a memo may need more than is left`;
}

/** The budget in one row a UTC day, by the database's clock. */
export function createReasoningStore(pool: Pool): ReasoningStore {
  return {
    async terms(model) {
      const row = termsRow.parse((await pool.query(TERMS, [model])).rows[0]);
      const { input_per_million: inputPerMillion, output_per_million: outputPerMillion } = row;
      return {
        limits: {
          tokensPerDay: row.tokens_per_day,
          dollarsPerDay: row.dollars_per_day,
          tokensPerSignal: row.tokens_per_signal,
          dollarsPerSignal: row.dollars_per_signal,
        },
        price: inputPerMillion === null || outputPerMillion === null ? null : { inputPerMillion, outputPerMillion },
      };
    },
    async reserve(most) {
      const { rows } = await pool.query<{ day: string }>(RESERVE, [most.tokens, formatUnits(most.dollars)]);
      const day = rows[0]?.day;
      if (day !== undefined) return { ok: true, reservation: { ...most, day } };
      return { ok: false, reason: exhausted(usedRow.parse((await pool.query(USED)).rows[0]), most) };
    },
    async settle({ day, tokens, dollars }, used) {
      await pool.query(
        `UPDATE reasoning_days SET tokens = greatest(0, tokens + $2::bigint), dollars = greatest(0, dollars + $3::numeric)
          WHERE day = $1`,
        [day, used.tokens - tokens, formatUnits(used.dollars - dollars)],
      );
    },
    async memoOf(inputHash, maxAgeMs) {
      const { rows } = await pool.query<{ signal_id: string; memo: unknown }>(
        `SELECT signal_id, memo FROM memos
          WHERE input_hash = $1 AND status = 'OK' AND cached_from IS NULL
            AND created_at > clock_timestamp() - $2 * interval '1 millisecond'
          ORDER BY created_at DESC LIMIT 1`,
        [inputHash, maxAgeMs],
      );
      const row = rows[0];
      return row === undefined ? null : { signalId: row.signal_id, memo: row.memo };
    },
  };
}
