import type { Pool, PoolClient } from 'pg';
import { z } from 'zod';
import { inTransaction } from '@/server/adapters/postgres/transaction';
import type { ReasoningSettingsStore } from '@/server/application/ports/reasoning-store';
import type { ReasoningLimits, ReasoningSettings } from '@/server/contracts/reasoning';
import type { Actor } from '@/server/kernel/actor';

const decimal = z.string().transform((text) => text.replace(/\.?0+$/, (zeros) => (text.includes('.') ? '' : zeros)));
const count = z.coerce.number().int();

const limitsRow = z.object({
  tokens_per_day: count.nullable(),
  dollars_per_day: decimal.nullable(),
  tokens_per_signal: count.nullable(),
  dollars_per_signal: decimal.nullable(),
});
const changed = { updated_at: z.date().transform((at) => at.toISOString()), updated_by: z.string() };
const priceRow = z.object({ model: z.string(), input_per_million: decimal, output_per_million: decimal });
const dayRow = z.object({ day: z.string(), tokens: count, dollars: decimal, memos: count });

const LIMITS = `SELECT tokens_per_day::text, dollars_per_day::text, tokens_per_signal::text, dollars_per_signal::text,
    updated_at, updated_by FROM reasoning_limits WHERE id = 1`;
const PRICES = `SELECT model, input_per_million::text, output_per_million::text, updated_at, updated_by
  FROM model_prices`;
const TODAY = `SELECT t.day::text, coalesce(d.tokens, 0)::text AS tokens, coalesce(d.dollars, 0)::text AS dollars,
    coalesce(d.memos, 0)::text AS memos
  FROM (SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date AS day) t LEFT JOIN reasoning_days d USING (day)`;

const NO_LIMITS: ReasoningSettings['limits'] = {
  tokens_per_day: null,
  dollars_per_day: null,
  tokens_per_signal: null,
  dollars_per_signal: null,
  updated_at: new Date(0).toISOString(),
  updated_by: 'nobody',
};

const audit = (client: PoolClient, actor: Actor, action: string, target: string, before: unknown, after: unknown) =>
  client.query('SELECT audit_append($1, $2, $3, $4::jsonb, $5::jsonb, $6)', [
    actor.name,
    action,
    target,
    before === undefined ? null : JSON.stringify(before),
    after === undefined ? null : JSON.stringify(after),
    actor.correlationId,
  ]);

async function setLimits(client: PoolClient, actor: Actor, limits: ReasoningLimits): Promise<void> {
  const { rows } = await client.query(`${LIMITS} FOR UPDATE`);
  const before = rows[0] === undefined ? undefined : limitsRow.parse(rows[0]);
  await client.query(
    `INSERT INTO reasoning_limits (id, tokens_per_day, dollars_per_day, tokens_per_signal, dollars_per_signal, updated_by)
     VALUES (1, $1, $2, $3, $4, $5) ON CONFLICT (id) DO UPDATE SET tokens_per_day = excluded.tokens_per_day,
       dollars_per_day = excluded.dollars_per_day, tokens_per_signal = excluded.tokens_per_signal,
       dollars_per_signal = excluded.dollars_per_signal, updated_at = clock_timestamp(), updated_by = excluded.updated_by`,
    [limits.tokens_per_day, limits.dollars_per_day, limits.tokens_per_signal, limits.dollars_per_signal, actor.name],
  );
  await audit(client, actor, 'reasoning.limits', 'reasoning:limits', before, limits);
}

async function priceBefore(client: PoolClient, model: string) {
  const { rows } = await client.query(`${PRICES} WHERE model = $1 FOR UPDATE`, [model]);
  return rows[0] === undefined ? undefined : priceRow.parse(rows[0]);
}

/** Limits and prices, as an administrator reads and sets them. */
export function createReasoningSettingsStore(pool: Pool): ReasoningSettingsStore {
  return {
    async read() {
      const [limits, prices, today] = await Promise.all([
        pool.query(LIMITS),
        pool.query(`${PRICES} ORDER BY model`),
        pool.query(TODAY),
      ]);
      return {
        limits: limits.rows[0] === undefined ? NO_LIMITS : limitsRow.extend(changed).parse(limits.rows[0]),
        prices: prices.rows.map((row) => priceRow.extend(changed).parse(row)),
        today: dayRow.parse(today.rows[0]),
      };
    },
    setLimits: (actor, limits) => inTransaction(pool, (client) => setLimits(client, actor, limits)),
    setPrice: (actor, price) =>
      inTransaction(pool, async (client) => {
        const before = await priceBefore(client, price.model);
        await client.query(
          `INSERT INTO model_prices (model, input_per_million, output_per_million, updated_by) VALUES ($1, $2, $3, $4)
           ON CONFLICT (model) DO UPDATE SET input_per_million = excluded.input_per_million,
             output_per_million = excluded.output_per_million, updated_at = clock_timestamp(), updated_by = excluded.updated_by`,
          [price.model, price.input_per_million, price.output_per_million, actor.name],
        );
        await audit(client, actor, 'reasoning.price', `model:${price.model}`, before, price);
      }),
    removePrice: (actor, model) =>
      inTransaction(pool, async (client) => {
        const before = await priceBefore(client, model);
        if (before === undefined) return false;
        await client.query('DELETE FROM model_prices WHERE model = $1', [model]);
        await audit(client, actor, 'reasoning.price', `model:${model}`, before, undefined);
        return true;
      }),
  };
}
