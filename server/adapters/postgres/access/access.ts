import { randomUUID } from 'node:crypto';
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
    async startSession(userId, { address, agent }) {
      const { id } = await db.session.create({ data: { id: randomUUID(), userId, address, agent } });
      return id;
    },
    async openSession(id) {
      const session = await db.session.findUnique({ where: { id }, include: { user: true } });
      const user = toRecord(session?.user ?? null);
      if (session === null || user === null || session.endedAt !== null) return null;
      return { user, seenAtMs: session.seenAt.getTime() };
    },
    async seeSession(id) {
      await db.session.updateMany({ where: { id, endedAt: null }, data: { seenAt: new Date() } });
    },
    async changePassword({ principalId, name, correlationId }, passwordHash) {
      const [row] = await db.$queryRaw<{ done: boolean }[]>`
        SELECT user_change_password(${principalId}::uuid, ${passwordHash}, ${name}, ${correlationId}) AS done`;
      return row?.done === true;
    },
    async sessionsOf(userId, seenSince) {
      return await db.session.findMany({
        where: { userId, endedAt: null, seenAt: { gte: seenSince } },
        select: { id: true, createdAt: true, seenAt: true, address: true, agent: true },
        orderBy: { createdAt: 'desc' },
        take: 100,
      });
    },
    async endSessions(userId, which, by) {
      const id = 'only' in which ? which.only : { not: which.except };
      const { count } = await db.session.updateMany({
        where: { userId, id, endedAt: null },
        data: { endedAt: new Date(), endedBy: by },
      });
      return count;
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
