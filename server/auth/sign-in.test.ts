import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { AccessStore, UserRecord } from '@/server/application/ports/access';
import { hashPassword } from './passwords';
import { checkPassword, MAX_FAILURES, signInBucket } from './sign-in';
import { confirmPassword } from './step-up';

const PASSWORD = 'a right long password';
const EMAIL = 'maria@example.com';
const DEVICE = { id: '0198f2a0-0000-7000-8000-000000000001', email: EMAIL };
let user: UserRecord;
let access: AccessStore;

beforeAll(async () => {
  const passwordHash = await hashPassword(PASSWORD);
  user = { id: 'u1', email: EMAIL, name: 'Maria', role: 'ADMIN', passwordHash, sessionVersion: 1, disabled: false };
});

beforeEach(() => {
  const attempts = new Map<string, string>();
  let last = 0;
  access = {
    userByEmail: async (email) => (email === EMAIL ? user : null),
    userById: async () => user,
    startSession: unused,
    openSession: unused,
    seeSession: unused,
    sessionsOf: unused,
    changePassword: unused,
    endSessions: unused,
    async beginAttempt(bucket) {
      const id = String(++last);
      attempts.set(id, bucket);
      return { id, failures: [...attempts.values()].filter((each) => each === bucket).length };
    },
    succeedAttempt: async (id) => void attempts.delete(id),
    dropAttempt: async (id) => void attempts.delete(id),
    record: async () => undefined,
  };
});

const unused = () => Promise.reject(new Error('not part of checking a password'));

const guess = async (email: string) => {
  for (let n = 0; n < MAX_FAILURES; n += 1) await checkPassword(access, email, 'a wrong long password');
};

test('five failures make an e-mail wait, even with the right password', async () => {
  await guess(EMAIL);
  expect(await checkPassword(access, EMAIL, PASSWORD)).toEqual({ ok: false, code: 'THROTTLED' });
});

test('strangers who guess shut out neither a browser known before nor a release', async () => {
  await guess(EMAIL);
  expect(await checkPassword(access, EMAIL, PASSWORD, signInBucket(EMAIL, DEVICE))).toMatchObject({ ok: true });
  expect(await confirmPassword(access, { userId: 'u1', email: EMAIL }, PASSWORD)).toMatchObject({ ok: true });
});

test('a name made to look like another bucket fills only its own', async () => {
  await guess('step-up:u1');
  await guess(`device:${DEVICE.id}:${EMAIL}`);
  expect(await confirmPassword(access, { userId: 'u1', email: EMAIL }, PASSWORD)).toMatchObject({ ok: true });
  expect(await checkPassword(access, EMAIL, PASSWORD, signInBucket(EMAIL, DEVICE))).toMatchObject({ ok: true });
});

test("a known browser is known for its own person's e-mail only, and is throttled too", async () => {
  expect(signInBucket('other@example.com', DEVICE)).toBe(signInBucket('other@example.com', null));
  const bucket = signInBucket(EMAIL, DEVICE);
  for (let n = 0; n < MAX_FAILURES; n += 1) await checkPassword(access, EMAIL, 'a wrong long password', bucket);
  expect(await checkPassword(access, EMAIL, PASSWORD, bucket)).toEqual({ ok: false, code: 'THROTTLED' });
});
