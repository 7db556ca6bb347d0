import type { PrismaClient, User } from '@/server/adapters/postgres/generated/client';
import type { AccessStore, UserRecord } from '@/server/application/ports/access';

function toRecord(user: User | null): UserRecord | null {
  if (user === null) return null;
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    role: user.role,
    passwordHash: user.passwordHash,
    sessionVersion: user.sessionVersion,
    disabled: user.disabledAt !== null,
  };
}

interface CountRow {
  failures: number;
}

/** Users and sign-in attempts in Postgres. */
export function createAccessStore(db: PrismaClient): AccessStore {
  return {
    async userByEmail(email) {
      return toRecord(await db.user.findUnique({ where: { email } }));
    },
    async userById(id) {
      return toRecord(await db.user.findUnique({ where: { id } }));
    },
    async beginAttempt(email, windowSeconds) {
      const attempt = await db.signInAttempt.create({ data: { email, succeeded: false } });
      const [row] = await db.$queryRaw<CountRow[]>`
        SELECT count(*)::int AS failures FROM sign_in_attempts
         WHERE email = ${email} AND NOT succeeded AND at > now() - make_interval(secs => ${windowSeconds})
           AND at > coalesce((SELECT max(at) FROM sign_in_attempts WHERE email = ${email} AND succeeded), '-infinity')`;
      // No answer counts as too many: the throttle fails closed.
      return { id: attempt.id.toString(), failures: row?.failures ?? Number.MAX_SAFE_INTEGER };
    },
    async succeedAttempt(id) {
      await db.signInAttempt.update({ where: { id: BigInt(id) }, data: { succeeded: true } });
    },
    async record({ actor, action, target, from }) {
      await db.$queryRaw`SELECT audit_append(${actor}, ${action}, ${target}, NULL, ${JSON.stringify(from)}::jsonb, NULL)`;
    },
    async dropAttempt(id) {
      await db.signInAttempt.deleteMany({ where: { id: BigInt(id) } });
    },
  };
}
