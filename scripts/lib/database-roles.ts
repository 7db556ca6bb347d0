// The three roles of a Countersign database, none a superuser: the owner migrates, the web process and the worker each have a login
// of their own. What web and worker may do is granted in server/adapters/postgres/sql.
import pg from 'pg';
import { codeOf } from './errors';

export type DatabaseRole = 'owner' | 'web' | 'worker';

const ROLES: readonly DatabaseRole[] = ['owner', 'web', 'worker'];

const nameOf = (role: DatabaseRole) => `countersign_${role}`;

/** SQLSTATEs of a role that another session has just created. */
const ALREADY_THERE = new Set(['42710', '23505']);

/**
 * Creates the roles that are missing, without a login, where the connected user may create roles. Elsewhere it does nothing: one
 * login then owns and uses everything.
 */
export async function ensureRoles(client: pg.Client): Promise<void> {
  const existing = await existingRoles(client);
  const missing = ROLES.filter((role) => !existing.includes(nameOf(role)));
  if (missing.length === 0) return;
  const { rows } = await client.query<{ allowed: boolean }>(
    'SELECT rolcreaterole OR rolsuper AS allowed FROM pg_roles WHERE rolname = current_user',
  );
  if (!rows[0]?.allowed) return;
  for (const role of missing) {
    try {
      await client.query(`CREATE ROLE ${nameOf(role)} NOLOGIN`);
    } catch (error) {
      if (!ALREADY_THERE.has(codeOf(error) ?? '')) throw error;
    }
  }
}

/** Names of the roles that exist, or none unless all do. */
export async function existingRoles(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ rolname: string }>(
    'SELECT rolname FROM pg_roles WHERE rolname = ANY ($1) ORDER BY 1',
    [ROLES.map(nameOf)],
  );
  return rows.length === ROLES.length ? rows.map((row) => row.rolname) : [];
}

/**
 * Gives the roles their logins and the database with everything in it to the owner. For a server of our own: the connected user is
 * a superuser, which afterwards only serves to repeat this. Safe to repeat; also upgrades a database that the superuser owned.
 * @param superuserUrl connection URL of the superuser to the database
 * @returns connection URLs
 */
export async function prepareRoles(
  superuserUrl: string,
  passwords: Readonly<Record<DatabaseRole, string>>,
): Promise<Readonly<Record<DatabaseRole, string>>> {
  const client = new pg.Client({ connectionString: superuserUrl });
  client.on('error', () => {});
  await client.connect();
  try {
    await ensureRoles(client);
    await client.query('BEGIN');
    for (const role of ROLES) {
      await client.query(
        `ALTER ROLE ${nameOf(role)} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD ${client.escapeLiteral(passwords[role])}`,
      );
    }
    // A halt ends sessions that hold the send lock for too long, whichever process they belong to.
    await client.query(`GRANT pg_signal_backend, pg_read_all_stats TO ${nameOf('web')}, ${nameOf('worker')}`);
    await giveToOwner(client);
    await client.query('COMMIT');
  } finally {
    await client.end();
  }
  const urlOf = (role: DatabaseRole) => {
    const url = new URL(superuserUrl);
    url.username = nameOf(role);
    url.password = passwords[role];
    return url.href;
  };
  return { owner: urlOf('owner'), web: urlOf('web'), worker: urlOf('worker') };
}

/** REASSIGN OWNED is refused for the first superuser, so ownership is changed object by object. */
async function giveToOwner(client: pg.Client): Promise<void> {
  const owner = nameOf('owner');
  const { rows } = await client.query<{ object: string }>(
    `SELECT format('DATABASE %I', current_database()) AS object FROM pg_database
      WHERE datname = current_database() AND datdba <> $1::regrole
     UNION ALL
     SELECT 'SCHEMA public' FROM pg_namespace WHERE nspname = 'public' AND nspowner <> $1::regrole
     UNION ALL
     SELECT format('TABLE %s', oid::regclass) FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm') AND relowner <> $1::regrole
     UNION ALL
     -- A sequence that belongs to a column follows its table.
     SELECT format('SEQUENCE %s', c.oid::regclass) FROM pg_class c
      WHERE relnamespace = 'public'::regnamespace AND relkind = 'S' AND relowner <> $1::regrole
        AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i'))
     UNION ALL
     SELECT format('FUNCTION %s', oid::regprocedure) FROM pg_proc
      WHERE pronamespace = 'public'::regnamespace AND proowner <> $1::regrole
     UNION ALL
     SELECT format('TYPE %s', oid::regtype) FROM pg_type
      WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd') AND typowner <> $1::regrole`,
    [owner],
  );
  for (const { object } of rows) await client.query(`ALTER ${object} OWNER TO ${owner}`);
}
