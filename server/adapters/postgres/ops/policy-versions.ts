import type { Pool } from 'pg';
import { inTransaction } from '@/server/adapters/postgres/transaction';
import { type PolicyBody, readStoredPolicy } from '@/server/contracts/policy-body';
import { DEFAULT_POLICY_BODY, DEFAULT_POLICY_VERSION } from '@/server/domain/policy';

/**
 * The first policy version and the settings, without which nothing can be judged. Safe to repeat.
 * @param body of the first version; another one than the default in tests
 */
export async function ensureDefaults(pool: Pool, body: PolicyBody = DEFAULT_POLICY_BODY): Promise<void> {
  await pool.query('SELECT defaults_ensure($1, $2::jsonb)', [DEFAULT_POLICY_VERSION, JSON.stringify(body)]);
}

interface PublishedPolicy {
  readonly version: number;
  /** Thresholds that the version before did not name. */
  readonly added: readonly string[];
}

/**
 * After an upgrade that brought new rules: publishes the active policy with the defaults of the thresholds it does not name, as the
 * next version, and audits it. The versions before stay as they are, with those rules off. A threshold that a version states as null
 * was switched off and stays so.
 * @returns null when the active version names every threshold
 */
export async function publishNewThresholds(
  pool: Pool,
  defaults: Readonly<Record<string, unknown>> = { ...DEFAULT_POLICY_BODY },
): Promise<PublishedPolicy | null> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ version: number; body: Record<string, unknown> }>(
      `SELECT p.version, p.body FROM settings s JOIN policy_versions p ON p.version = s.active_policy_version
       WHERE s.id = 1 FOR UPDATE OF s`,
    );
    const active = rows[0];
    if (active === undefined) throw new Error('there is no active policy');
    const added = Object.keys(defaults).filter((name) => !(name in active.body));
    if (added.length === 0) return null;
    const thresholds = Object.fromEntries(added.map((name) => [name, defaults[name]]));
    const stored = await client.query<{ version: number }>(
      `INSERT INTO policy_versions (version, body, created_by, comment)
       SELECT max(version) + 1, $1::jsonb, 'system', $2 FROM policy_versions RETURNING version`,
      [JSON.stringify({ ...active.body, ...thresholds }), `upgrade: adds ${added.join(', ')}`],
    );
    const version = stored.rows[0]?.version;
    if (version === undefined) throw new Error('the new policy version was not stored');
    await client.query(
      'UPDATE settings SET active_policy_version = $1, version = version + 1, updated_at = clock_timestamp() WHERE id = 1',
      [version],
    );
    // Last: it holds the lock of the audit chain until commit.
    await client.query(`SELECT audit_append('system', 'policy.publish', $1, $2, $3, NULL)`, [
      `policy:${version}`,
      JSON.stringify({ version: active.version }),
      JSON.stringify({ version, added: thresholds }),
    ]);
    return { version, added };
  });
}

/** The body of a stored policy version. @throws Error when there is none */
export async function loadPolicyBody(pool: Pool, version: number): Promise<unknown> {
  const { rows } = await pool.query<{ body: unknown }>('SELECT body FROM policy_versions WHERE version = $1', [
    version,
  ]);
  if (rows[0] === undefined) throw new Error(`policy version ${version} does not exist`);
  return rows[0].body;
}

/** A stored body for display; null when it cannot be read. */
export function policyOrNull(body: unknown): PolicyBody | null {
  try {
    return readStoredPolicy(body);
  } catch {
    return null;
  }
}
