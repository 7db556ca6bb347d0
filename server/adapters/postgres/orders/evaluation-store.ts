import type { Pool } from 'pg';
import type { PolicyCache } from '@/server/application/policy/policy-cache';
import type { AdvisoryContext, AdvisoryRow, EvaluationStore } from '@/server/application/ports/evaluation-store';
import type { RolloutStage, TradingState } from '@/server/kernel/vocabulary';

interface ContextRow {
  readonly now: string;
  readonly state: TradingState;
  readonly stage: RolloutStage;
  readonly policy_version: number;
}

const CONTEXT = {
  name: 'advisory_context',
  text: `SELECT epoch_ms(clock_timestamp())::text AS now, t.state, s.stage, s.active_policy_version AS policy_version
           FROM trading_state t, settings s`,
};

function payload({ eventId, at, signal, response, stage, input }: AdvisoryRow, codeVersion: string): string {
  return JSON.stringify({
    event_id: eventId,
    at: at.toISOString(),
    signal: {
      id: signal.id,
      strategy: signal.strategy,
      symbol: signal.symbol,
      action: signal.action,
      confidence: signal.confidence,
      size_pct: signal.sizePct,
      stop_distance_pct: signal.stopDistancePct,
      reasoning: signal.reasoning,
      principal_id: signal.principalId,
      expires_at: signal.expiresAt.toISOString(),
    },
    evaluation: {
      id: response.evaluation_id,
      decision: response.decision,
      approved_size_pct: response.approved_size_pct,
      policy_version: response.policy_version,
      stage,
      input,
      input_hash: response.input_hash,
      reasons: response.reasons,
      code_version: codeVersion,
      expires_at: response.expires_at,
    },
  });
}

/** Advisory evaluations, stored by one statement. */
export function createEvaluationStore(pool: Pool, policies: PolicyCache, codeVersion: string): EvaluationStore {
  return {
    async context(): Promise<AdvisoryContext> {
      const { rows } = await pool.query<ContextRow>(CONTEXT);
      const row = rows[0];
      if (row === undefined) throw new Error('the database has no settings: run the migrations and the seed');
      const policy = await policies.get(row.policy_version);
      return { nowMs: Number(row.now), tradingState: row.state, stage: row.stage, policy };
    },
    async hasSignal(id) {
      const { rowCount } = await pool.query('SELECT 1 FROM signals WHERE id = $1', [id]);
      return rowCount === 1;
    },
    async store(advisory) {
      const { rows } = await pool.query<{ result: string }>({
        name: 'evaluation_store',
        text: 'SELECT evaluation_store($1::jsonb) AS result',
        values: [payload(advisory, codeVersion)],
      });
      return rows[0]?.result === 'STORED';
    },
  };
}
