import type { Pool } from 'pg';
import { z } from 'zod';
import type { PolicyBody } from '@/server/contracts/policy-body';
import {
  type DeploymentMode,
  deploymentModeSchema,
  type RolloutStage,
  rolloutStageSchema,
} from '@/server/kernel/vocabulary';

const settingsRow = z.object({
  stage: rolloutStageSchema,
  mode: deploymentModeSchema,
  active_policy_version: z.number(),
});

/** A stored policy version. Immutable. */
export interface PolicyVersionSummary {
  readonly version: number;
  readonly active: boolean;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly comment: string;
}

/** Policy, rollout stage and mode as administered. Each change is audited with before and after in its own transaction. */
export interface SettingsAdmin {
  current(): Promise<{ readonly stage: RolloutStage; readonly mode: DeploymentMode; readonly policyVersion: number }>;
  /** Newest first. */
  versions(): Promise<readonly PolicyVersionSummary[]>;
  /** Null when there is no such version. */
  policy(version: number): Promise<unknown>;
  /** @returns the new version; null when `active` is not the active one any more */
  publish(actor: string, active: number, body: PolicyBody, comment: string): Promise<number | null>;
  /** @returns false when the stage is not `from` any more */
  changeStage(actor: string, from: RolloutStage, to: RolloutStage, reason: string): Promise<boolean>;
  changeMode(actor: string, mode: DeploymentMode, reason: string): Promise<void>;
}

export function createSettingsAdmin(pool: Pool): SettingsAdmin {
  return {
    async current() {
      const { rows } = await pool.query('SELECT stage, mode, active_policy_version FROM settings WHERE id = 1');
      const { stage, mode, active_policy_version } = settingsRow.parse(rows[0]);
      return { stage, mode, policyVersion: active_policy_version };
    },
    async versions() {
      const { rows } = await pool.query<PolicyVersionSummary>(
        `SELECT p.version, p.version = s.active_policy_version AS active, p.created_at AS "createdAt", p.created_by AS "createdBy", p.comment
         FROM policy_versions p, settings s ORDER BY p.version DESC`,
      );
      return rows;
    },
    async policy(version) {
      const { rows } = await pool.query<{ body: unknown }>('SELECT body FROM policy_versions WHERE version = $1', [
        version,
      ]);
      return rows[0]?.body ?? null;
    },
    async publish(actor, active, body, comment) {
      const { rows } = await pool.query<{ version: number | null }>(
        'SELECT policy_publish($1, $2, $3::jsonb, $4) AS version',
        [actor, active, JSON.stringify(body), comment],
      );
      return rows[0]?.version ?? null;
    },
    async changeStage(actor, from, to, reason) {
      const { rows } = await pool.query<{ done: boolean }>('SELECT stage_change($1, $2, $3, $4) AS done', [
        actor,
        from,
        to,
        reason,
      ]);
      return rows[0]?.done === true;
    },
    async changeMode(actor, mode, reason) {
      await pool.query('SELECT mode_change($1, $2, $3)', [actor, mode, reason]);
    },
  };
}
