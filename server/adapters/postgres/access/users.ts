import { appendAudit } from '@/server/adapters/postgres/access/append-audit';
import type { Prisma, PrismaClient } from '@/server/adapters/postgres/generated/client';
import type { Role } from '@/server/kernel/vocabulary';

/** A user as lists show it: never the password's hash. */
export interface UserSummary {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: Date;
  readonly disabledAt: Date | null;
}

export interface NewUser {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly passwordHash: string;
}

/** Users as administered: each change is audited in its own transaction. E-mails are lower case. */
export interface UserAdmin {
  find(email: string): Promise<UserSummary | null>;
  list(): Promise<readonly UserSummary[]>;
  /** False when the e-mail is taken. */
  add(user: NewUser, actor: string): Promise<boolean>;
  /** Ends every session of the user. False when there is no such user. */
  setPassword(email: string, passwordHash: string, actor: string): Promise<boolean>;
  setRole(email: string, role: Role, actor: string): Promise<Exclude<AccessChange, 'UNCHANGED'>>;
  /** Ends every session and stops sign-in and the user's tokens, or lets the user in again. */
  setDisabled(email: string, disabled: boolean, actor: string): Promise<AccessChange>;
  /** Forgets failed sign-ins, so that the user may try again at once. False when there is no such user. */
  unlock(email: string, actor: string): Promise<boolean>;
}

/** `LAST_ADMIN`: nobody would be left who may administer, so nothing was changed. */
type AccessChange = 'DONE' | 'UNCHANGED' | 'NOT_FOUND' | 'LAST_ADMIN';

const SUMMARY = { id: true, email: true, name: true, role: true, createdAt: true, disabledAt: true } as const;

export function createUserAdmin(db: PrismaClient): UserAdmin {
  return {
    find: (email) => db.user.findUnique({ where: { email }, select: SUMMARY }),
    list: () => db.user.findMany({ select: SUMMARY, orderBy: { email: 'asc' } }),
    async add(user, actor) {
      return db.$transaction(async (tx) => {
        const { count } = await tx.user.createMany({ data: [user], skipDuplicates: true });
        if (count === 0) return false;
        const after = { email: user.email, name: user.name, role: user.role };
        await appendAudit(tx, { actor, action: 'user.create', target: `user:${user.id}`, after });
        return true;
      });
    },
    async setPassword(email, passwordHash, actor) {
      return db.$transaction(async (tx) => {
        const user = await tx.user.findUnique({ where: { email }, select: { id: true } });
        if (user === null) return false;
        await tx.user.update({ where: { email }, data: { passwordHash, sessionVersion: { increment: 1 } } });
        await appendAudit(tx, { actor, action: 'user.password', target: `user:${user.id}` });
        return true;
      });
    },
    setRole: (email, role, actor) => db.$transaction((tx) => setRole(tx, email, role, actor)),
    async unlock(email, actor) {
      return db.$transaction(async (tx) => {
        const user = await tx.user.findUnique({ where: { email }, select: { id: true } });
        if (user === null) return false;
        const buckets = [`sign-in:${email}`, `step-up:${user.id}`];
        const { count } = await tx.signInAttempt.deleteMany({
          where: {
            succeeded: false,
            OR: [{ email: { in: buckets } }, { email: { startsWith: 'device:', endsWith: `:${email}` } }],
          },
        });
        await appendAudit(tx, { actor, action: 'user.unlock', target: `user:${user.id}`, after: { forgotten: count } });
        return true;
      });
    },
    setDisabled: (email, disabled, actor) => db.$transaction((tx) => setDisabled(tx, email, disabled, actor)),
  };
}

interface LockedUser {
  readonly id: string;
  readonly role: Role;
  readonly disabled: boolean;
  /** Nobody else may administer. */
  readonly lastAdmin: boolean;
}

/** Locks the user and every administrator, so that two administrators who are changed at once do not each count on the other. */
async function lockUser(tx: Prisma.TransactionClient, email: string): Promise<LockedUser | null> {
  const rows = await tx.$queryRaw<{ id: string; email: string; role: Role; disabled: boolean }[]>`
    SELECT id, email, role::text AS role, disabled_at IS NOT NULL AS disabled FROM users
     WHERE email = ${email} OR (role = 'ADMIN' AND disabled_at IS NULL) ORDER BY id FOR UPDATE`;
  const user = rows.find((row) => row.email === email);
  if (user === undefined) return null;
  const { id, role, disabled } = user;
  return { id, role, disabled, lastAdmin: role === 'ADMIN' && !disabled && rows.length === 1 };
}

async function setRole(tx: Prisma.TransactionClient, email: string, role: Role, actor: string) {
  const user = await lockUser(tx, email);
  if (user === null) return 'NOT_FOUND';
  if (user.lastAdmin && role !== 'ADMIN') return 'LAST_ADMIN';
  await tx.user.update({ where: { email }, data: { role } });
  const target = `user:${user.id}`;
  await appendAudit(tx, { actor, action: 'user.role', target, before: { role: user.role }, after: { role } });
  return 'DONE';
}

async function setDisabled(
  tx: Prisma.TransactionClient,
  email: string,
  disabled: boolean,
  actor: string,
): Promise<AccessChange> {
  const user = await lockUser(tx, email);
  if (user === null) return 'NOT_FOUND';
  if (user.disabled === disabled) return 'UNCHANGED';
  if (disabled && user.lastAdmin) return 'LAST_ADMIN';
  await tx.user.update({
    where: { email },
    data: { disabledAt: disabled ? new Date() : null, sessionVersion: { increment: 1 } },
  });
  const action = disabled ? 'user.disable' : 'user.enable';
  await appendAudit(tx, { actor, action, target: `user:${user.id}` });
  return 'DONE';
}
