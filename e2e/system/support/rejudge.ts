import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import { type GateRecord, readGateRecord } from '@/server/application/placing/gate-record';
import { readStoredPolicy } from '@/server/contracts/policy-body';
import { compilePolicy, evaluateGate } from '@/server/domain/policy';
import { canonicalJson, type JsonValue } from '@/server/kernel/canonical-json';
import { formatUnits } from '@/server/kernel/money';

interface StoredEvaluation {
  readonly id: string;
  readonly kind: string;
  readonly decision: string;
  readonly approved_size_pct: string;
  readonly policy_version: number;
  readonly input: GateRecord & { readonly [key: string]: JsonValue };
  readonly input_hash: string;
  readonly reasons: unknown;
}

/** What was stored of a judgement, and what judging the stored input again gives. */
export interface Rejudged {
  readonly id: string;
  readonly kind: string;
  readonly stored: Judgement;
  readonly again: Judgement;
}

interface Judgement {
  readonly decision: string;
  readonly reasons: unknown;
  readonly approvedSizePct: string;
  readonly inputHash: string;
}

/** Judges every stored gate decision again from its stored input and the stored policy, without the running system. */
export async function rejudgeAll(pool: Pool): Promise<Rejudged[]> {
  const policies = new Map(
    (await pool.query<{ version: number; body: unknown }>('SELECT version, body FROM policy_versions')).rows.map(
      ({ version, body }) => [version, compilePolicy(readStoredPolicy(body), version)],
    ),
  );
  const { rows } = await pool.query<StoredEvaluation>(
    `SELECT id, kind, decision, trim_scale(approved_size_pct)::text AS approved_size_pct, policy_version, input, input_hash, reasons
     FROM policy_evaluations WHERE kind IN ('GATE', 'APPROVAL') ORDER BY created_at, id`,
  );
  return rows.map((row) => {
    const policy = policies.get(row.policy_version);
    if (policy === undefined) throw new Error(`policy version ${row.policy_version} is not stored`);
    const decision = evaluateGate(readGateRecord(row.input, policy));
    return {
      id: row.id,
      kind: row.kind,
      stored: {
        decision: row.decision,
        reasons: row.reasons,
        approvedSizePct: row.approved_size_pct,
        inputHash: row.input_hash,
      },
      again: {
        decision: decision.decision,
        reasons: decision.reasons,
        approvedSizePct: formatUnits(decision.approvedSizePct),
        inputHash: createHash('sha256').update(canonicalJson(row.input)).digest('hex'),
      },
    };
  });
}
