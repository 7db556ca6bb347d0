import { z } from 'zod';
import type { PrismaClient } from '@/server/adapters/postgres/generated/client';
import { MIGRATIONS } from '@/server/adapters/postgres/migrations';
import type { ComponentHealth, Readiness } from '@/server/contracts/health';

/** Beyond these ages the stack cannot trade: policy refuses a portfolio older than 15 s. */
const MAX_HEARTBEAT_AGE_SECONDS = 15;
const MAX_PORTFOLIO_AGE_SECONDS = 15;
/** Checks come every few seconds and must not queue up behind a database that hangs. */
const PATIENCE_MS = 2_000;

const rowSchema = z.object({
  applied: z.array(z.string()),
  heartbeat_age: z.number().nullable(),
  portfolio_age: z.number().nullable(),
});
type Row = z.output<typeof rowSchema>;

interface Found extends Pick<Row, 'heartbeat_age' | 'portfolio_age'> {
  /** What is wrong with the schema, or null. */
  readonly schema: string | null;
}

/** Whether the stack can trade now, component by component. Never throws: no answer is the answer "down". */
export async function readReadiness(db: PrismaClient): Promise<Readiness> {
  try {
    return toReadiness(await withinPatience(query(db)));
  } catch {
    const unknown = down('unknown while the database does not answer');
    return {
      status: 'not_ready',
      components: { database: down('does not answer'), migrations: unknown, worker: unknown, portfolio: unknown },
    };
  }
}

async function query(db: PrismaClient): Promise<Found> {
  const [tables] = await db.$queryRaw<{ migrations: boolean; functions: boolean }[]>`
    SELECT to_regclass('_prisma_migrations') IS NOT NULL AS migrations, to_regclass('sql_functions') IS NOT NULL AS functions`;
  if (tables?.migrations !== true)
    return { schema: 'no migration was ever applied', heartbeat_age: null, portfolio_age: null };
  const [row] = await db.$queryRaw<unknown[]>`
    SELECT (SELECT coalesce(array_agg(migration_name::text), '{}') FROM _prisma_migrations
             WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL) AS applied,
           (SELECT extract(epoch FROM now() - max(beat_at))::float8 FROM worker_heartbeats WHERE roles <> '{watchdog}') AS heartbeat_age,
           (SELECT extract(epoch FROM now() - portfolio_at)::float8 FROM accounts WHERE id = 1) AS portfolio_age`;
  const found = rowSchema.parse(row);
  const schema = schemaFault(found.applied) ?? (tables.functions ? await functionsFault(db) : null);
  return { ...found, schema };
}

/** What is wrong with the schema; null when it is the one that this code was made for. */
export function schemaFault(applied: readonly string[]): string | null {
  const missing = MIGRATIONS.filter((name) => !applied.includes(name));
  if (missing.length > 0) return `not applied: ${missing.slice(0, 5).join(', ')}`;
  const unknown = applied.filter((name) => !MIGRATIONS.includes(name));
  if (unknown.length === 0) return null;
  return `the database was migrated by a newer version (${unknown.slice(0, 3).join(', ')}): start that version or a later one`;
}

async function functionsFault(db: PrismaClient): Promise<string | null> {
  return (await db.sqlFunctions.count()) > 0 ? null : 'the SQL functions were not applied: run npm run db:deploy';
}

function toReadiness({ schema, heartbeat_age, portfolio_age }: Found): Readiness {
  const components = {
    database: ok(),
    migrations: schema === null ? ok() : down(schema),
    worker: aged('no worker has ever reported', 'last heartbeat', heartbeat_age, MAX_HEARTBEAT_AGE_SECONDS),
    portfolio: aged(
      'not read from the broker yet',
      'last read from the broker',
      portfolio_age,
      MAX_PORTFOLIO_AGE_SECONDS,
    ),
  };
  const ready = Object.values(components).every(({ status }) => status === 'ok');
  return { status: ready ? 'ready' : 'not_ready', components };
}

function aged(never: string, what: string, age: number | null, limit: number): ComponentHealth {
  if (age === null) return down(never);
  const ageSeconds = Math.max(0, Math.round(age * 10) / 10);
  if (ageSeconds <= limit) return { status: 'ok', detail: '', age_seconds: ageSeconds };
  return {
    status: 'down',
    detail: `${what} ${ageSeconds} s ago, at most ${limit} s is in order`,
    age_seconds: ageSeconds,
  };
}

function ok(): ComponentHealth {
  return { status: 'ok', detail: '', age_seconds: null };
}

function down(detail: string): ComponentHealth {
  return { status: 'down', detail, age_seconds: null };
}

async function withinPatience<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), PATIENCE_MS);
  });
  try {
    return await Promise.race([work, patience]);
  } finally {
    clearTimeout(timer);
  }
}
