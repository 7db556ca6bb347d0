import { encode } from 'next-auth/jwt';
import { expect, test } from 'vitest';
import { decodeDevice, encodeDevice } from './device';
import { SessionReader, sessionCookie } from './session';

const SECRET = 'a secret that signs sessions';
const ID = '0198f2a0-0000-4000-8000-000000000001';
const USER = {
  id: ID,
  email: 'maria@example.com',
  name: 'Maria',
  role: 'ADMIN',
  passwordHash: '',
  sessionVersion: 3,
  disabled: false,
} as const;
const nowSeconds = () => Math.floor(Date.now() / 1_000);

const reader = (changes: object = {}) =>
  new SessionReader({ userById: async () => ({ ...USER, ...changes }) }, () => SECRET);
const cookie = (claims: object = {}) =>
  encode({
    token: { sub: ID, sessionVersion: 3, endsAt: nowSeconds() + 60, ...claims },
    secret: SECRET,
    maxAge: 3_600,
  });

test('a session ends when it was to end at sign-in, however often its cookie was renewed', async () => {
  const session = await reader().read(await cookie());
  expect(session?.expiresAtMs).toBeLessThanOrEqual(Date.now() + 60_000);
  expect(await reader().read(await cookie({ endsAt: nowSeconds() - 1 }))).toBeNull();
});

test('a cookie without an end, of an older version, of a disabled user, or of a device is no session', async () => {
  expect(await reader().read(await cookie({ endsAt: undefined }))).toBeNull();
  expect(await reader().read(await cookie({ sessionVersion: 2 }))).toBeNull();
  expect(await reader({ disabled: true }).read(await cookie())).toBeNull();
  expect(await reader().read(await encodeDevice(USER.email, null, SECRET))).toBeNull();
});

test('a cookie that is no proper text proves nothing and breaks nothing', async () => {
  expect(await reader().read(sessionCookie('countersign.session=%E0%A4%A'))).toBeNull();
});

test('a device keeps its id for the same person and is proved by the secret alone', async () => {
  const first = await decodeDevice(await encodeDevice(USER.email, null, SECRET), SECRET);
  const again = await decodeDevice(await encodeDevice(USER.email, first, SECRET), SECRET);
  const other = await decodeDevice(await encodeDevice('other@example.com', first, SECRET), SECRET);
  expect(first?.email).toBe(USER.email);
  expect(again).toEqual(first);
  expect(other?.id).not.toBe(first?.id);
  expect(await decodeDevice(await encodeDevice(USER.email, null, 'another secret'), SECRET)).toBeNull();
  expect(await decodeDevice(await cookie(), SECRET)).toBeNull();
});
