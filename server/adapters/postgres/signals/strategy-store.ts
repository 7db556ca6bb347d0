import type { Pool } from 'pg';
import { z } from 'zod';
import { inTransaction } from '@/server/adapters/postgres/transaction';
import type { StrategyStore } from '@/server/application/ports/strategy-store';

const rowSchema = z.object({
  strategy: z.string(),
  symbol: z.string(),
  enabled: z.boolean(),
  params: z.record(z.string(), z.unknown()),
  version: z.coerce.number().int(),
  updatedAt: z.date().transform((at) => at.toISOString()),
  updatedBy: z.string(),
});

const COLUMNS = 'strategy, symbol, enabled, params, version, updated_at AS "updatedAt", updated_by AS "updatedBy"';

/** Also where there is no row yet, which no row lock could hold: changes are rare, one at a time is enough. */
const LOCK = `SELECT pg_advisory_xact_lock(hashtext('strategy_settings'))`;

const WRITE = `
  INSERT INTO strategy_settings (strategy, symbol, enabled, params, version, updated_at, updated_by)
  VALUES ($1, $2, $3, $4::jsonb, 1, clock_timestamp(), $5)
  ON CONFLICT (strategy, symbol) DO UPDATE SET enabled = excluded.enabled, params = excluded.params,
    version = strategy_settings.version + 1, updated_at = excluded.updated_at, updated_by = excluded.updated_by
  RETURNING ${COLUMNS}`;

const figures = ({ enabled, params, version }: z.output<typeof rowSchema>) =>
  JSON.stringify({ enabled, params, version });

/** Settings of strategies in Postgres. */
export function createStrategyStore(pool: Pool): StrategyStore {
  return {
    async rows() {
      const { rows } = await pool.query(`SELECT ${COLUMNS} FROM strategy_settings ORDER BY strategy, symbol`);
      return z.array(rowSchema).parse(rows);
    },
    async symbols() {
      const { rows } = await pool.query<{ symbol: string }>(
        `SELECT jsonb_array_elements_text(coalesce(v.body->'allowlist', '[]')) AS symbol FROM settings s JOIN policy_versions v ON v.version = s.active_policy_version
         UNION SELECT symbol FROM positions WHERE qty <> 0`,
      );
      return rows.map(({ symbol }) => symbol);
    },
    set: ({ strategy, symbol, enabled, params, expected, actor, correlationId }) =>
      inTransaction(pool, async (client) => {
        await client.query(LOCK);
        const found = await client.query(
          `SELECT ${COLUMNS} FROM strategy_settings WHERE strategy = $1 AND symbol = $2`,
          [strategy, symbol],
        );
        const before = found.rows[0] === undefined ? null : rowSchema.parse(found.rows[0]);
        if (expected !== null && expected !== (before?.version ?? 0)) return null;
        const written = await client.query(WRITE, [strategy, symbol, enabled, JSON.stringify(params), actor]);
        const after = rowSchema.parse(written.rows[0]);
        await client.query('SELECT audit_append($1, $2, $3, $4::jsonb, $5::jsonb, $6)', [
          actor,
          'strategy.set',
          `strategy:${strategy}:${symbol}`,
          before === null ? null : figures(before),
          figures(after),
          correlationId,
        ]);
        await client.query(
          `INSERT INTO outbox (id, topic, subject, data)
           VALUES (gen_random_uuid(), 'strategy.setting.changed', $1::text || ':' || $2::text, jsonb_build_object('strategy', $1::text, 'setting_symbol', $2::text))`,
          [strategy, symbol],
        );
        return after;
      }),
  };
}
