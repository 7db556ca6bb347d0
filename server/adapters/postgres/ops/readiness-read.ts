import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { PrismaClient } from '@/server/adapters/postgres/generated/client';
import type { ComponentHealth, Readiness } from '@/server/contracts/health';

/** Beyond these ages the stack cannot trade: policy refuses a portfolio older than 15 s. */
const MAX_HEARTBEAT_AGE_SECONDS = 15;
const MAX_PORTFOLIO_AGE_SECONDS = 15;
/** A check that is asked every few seconds must not queue up behind a database that hangs. */
const PATIENCE_MS = 2_000;

const rowSchema = z.object({
  applied: z.array(z.string()),
  heartbeat_age: z.number().nullable(),
  portfolio_age: z.number().nullable(),
});
type Row = z.output<typeof rowSchema>;

interface Found extends Row {
  /** Migrations that this code needs and the database lacks. */
  readonly missing: readonly string[];
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
  const needed = await neededMigrations();
  const [migrated] = await db.$queryRaw<
    { table: string | null }[]
  >`SELECT to_regclass('_prisma_migrations')::text AS table`;
  if (migrated === undefined || migrated.table === null) {
    return { applied: [], missing: ['all'], heartbeat_age: null, portfolio_age: null };
  }
  const [row] = await db.$queryRaw<unknown[]>`
    SELECT (SELECT coalesce(array_agg(migration_name::text), '{}') FROM _prisma_migrations
             WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL) AS applied,
           (SELECT extract(epoch FROM now() - max(beat_at))::float8 FROM worker_heartbeats WHERE roles <> '{watchdog}') AS heartbeat_age,
           (SELECT extract(epoch FROM now() - portfolio_at)::float8 FROM accounts WHERE id = 1) AS portfolio_age`;
  const found = rowSchema.parse(row);
  return { ...found, missing: needed.filter((name) => !found.applied.includes(name)) };
}

let needed: Promise<readonly string[]> | undefined;

/** Names of the migrations this code came with; none where it runs without its folder, as from a bundle. */
function neededMigrations(): Promise<readonly string[]> {
  needed ??= readdir(path.join(/* turbopackIgnore: true */ process.cwd(), 'prisma', 'migrations'), {
    withFileTypes: true,
  })
    .then((entries) => entries.filter((entry) => entry.isDirectory()).map(({ name }) => name))
    .catch(() => []);
  return needed;
}

function toReadiness({ missing, heartbeat_age, portfolio_age }: Found): Readiness {
  const components = {
    database: ok(),
    migrations: missing.length === 0 ? ok() : down(`not applied: ${missing.slice(0, 5).join(', ')}`),
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
