import type { Pool } from 'pg';
import { DEFAULT_POLICY_BODY, DEFAULT_POLICY_VERSION } from '@/server/domain/policy';

/** Rows without which nothing can be judged: the first policy version and the settings. Safe to repeat. */
export async function ensureDefaults(pool: Pool): Promise<void> {
  await pool.query(
    `INSERT INTO policy_versions (version, body, created_by, comment) VALUES ($1, $2, 'system', 'the specification''s thresholds')
     ON CONFLICT (version) DO NOTHING`,
    [DEFAULT_POLICY_VERSION, JSON.stringify(DEFAULT_POLICY_BODY)],
  );
  await pool.query('INSERT INTO settings (id, active_policy_version) VALUES (1, $1) ON CONFLICT (id) DO NOTHING', [
    DEFAULT_POLICY_VERSION,
  ]);
}

/** The body of a stored policy version. @throws Error when there is none */
export async function loadPolicyBody(pool: Pool, version: number): Promise<unknown> {
  const { rows } = await pool.query<{ body: unknown }>('SELECT body FROM policy_versions WHERE version = $1', [
    version,
  ]);
  if (rows[0] === undefined) throw new Error(`policy version ${version} does not exist`);
  return rows[0].body;
}
