import { encode } from 'next-auth/jwt';
import { beforeEach, expect, test } from 'vitest';
import type { OpenSession } from '@/server/application/ports/access';
import { SESSION_IDLE_MS } from './cookie';
import { decodeDevice, encodeDevice } from './device';
import { SessionReader, sessionCookie } from './session';

const SECRET = 'a secret that signs sessions';
const ID = '0198f2a0-0000-4000-8000-000000000001';
const SID = '0198f2a0-0000-4000-8000-000000000002';
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

/** Sessions as the database holds them. */
let stored: Map<string, OpenSession>;
let seen: string[];
beforeEach(() => {
  stored = new Map([[SID, { user: USER, seenAtMs: Date.now() }]]);
  seen = [];
});

const reader = (now?: () => number) =>
  new SessionReader(
    { openSession: async (id) => stored.get(id) ?? null, seeSession: async (id) => void seen.push(id) },
    () => SECRET,
    now,
  );
const cookie = (claims: object = {}) =>
  encode({
    token: { sub: ID, sid: SID, sessionVersion: 3, endsAt: nowSeconds() + 60, ...claims },
    secret: SECRET,
    maxAge: 3_600,
  });
const store = (changes: Partial<OpenSession['user']>, seenAtMs = Date.now()) =>
  stored.set(SID, { user: { ...USER, ...changes }, seenAtMs });

test('a session ends when it was to end at sign-in, however often its cookie was renewed', async () => {
  const session = await reader().read(await cookie());
  expect(session?.expiresAtMs).toBeLessThanOrEqual(Date.now() + 60_000);
  expect(await reader().read(await cookie({ endsAt: nowSeconds() - 1 }))).toBeNull();
});

test('a cookie without an end or a session, of an older version, of a disabled user, or of a device is no session', async () => {
  expect(await reader().read(await cookie({ endsAt: undefined }))).toBeNull();
  expect(await reader().read(await cookie({ sid: undefined }))).toBeNull();
  expect(await reader().read(await cookie({ sessionVersion: 2 }))).toBeNull();
  expect(await reader().read(await encodeDevice(USER.email, null, SECRET))).toBeNull();
  store({ disabled: true });
  expect(await reader().read(await cookie())).toBeNull();
});

test('M2: a copied cookie proves nothing once its session has ended', async () => {
  const sessions = reader();
  const copied = await cookie();
  expect(await sessions.read(copied)).toMatchObject({ id: SID, userId: ID });
  stored.delete(SID);
  sessions.forget(SID);
  expect(await sessions.read(copied)).toBeNull();
});

test('M2: in another process it proves nothing after 3 s', async () => {
  let nowMs = Date.now();
  const sessions = reader(() => nowMs);
  const copied = await cookie();
  await sessions.read(copied);
  stored.delete(SID);
  nowMs += 3_000;
  expect(await sessions.read(copied)).toBeNull();
});

test('M2: noting that a session is in use lets it live no longer than those 3 s', async () => {
  let nowMs = Date.now();
  const sessions = reader(() => nowMs);
  const copied = await cookie({ endsAt: nowSeconds() + 3_600 });
  store({}, nowMs - 59_000);
  await sessions.read(copied);
  stored.delete(SID);
  nowMs += 2_000;
  expect(await sessions.read(copied)).not.toBeNull();
  expect(seen).toEqual([SID]);
  nowMs += 1_000;
  expect(await sessions.read(copied)).toBeNull();
});

test('M2: a request that was under way does not revive a session that was forgotten', async () => {
  store({}, Date.now() - 120_000);
  let answer: (open: OpenSession) => void = () => undefined;
  const waiting = new Promise<OpenSession>((resolve) => {
    answer = resolve;
  });
  let slow = true;
  const sessions = new SessionReader(
    { openSession: async (id) => (slow ? waiting : (stored.get(id) ?? null)), seeSession: async () => undefined },
    () => SECRET,
  );
  const copied = await cookie();
  const first = sessions.read(copied);
  // The cookie is decoded before the session is asked for.
  await new Promise((resolve) => setTimeout(resolve, 20));
  const open = stored.get(SID);
  stored.delete(SID);
  sessions.forget(SID);
  slow = false;
  if (open !== undefined) answer(open);
  await first;
  expect(await sessions.read(copied)).toBeNull();
});

test('the session of another person does not fit a cookie', async () => {
  store({ id: '0198f2a0-0000-4000-8000-000000000009' });
  expect(await reader().read(await cookie())).toBeNull();
});

test('a session that is in use is written down once a minute, and ends when it is idle', async () => {
  let nowMs = Date.now();
  const sessions = reader(() => nowMs);
  const value = await cookie({ endsAt: nowSeconds() + 12 * 3_600 });
  const kept = await encode({
    token: { sub: ID, sid: SID, sessionVersion: 3, endsAt: nowSeconds() + 12 * 3_600 },
    secret: SECRET,
    maxAge: 12 * 3_600,
  });
  await sessions.read(value);
  nowMs += 59_000;
  await sessions.read(value);
  expect(seen).toEqual([]);
  nowMs += 2_000;
  await sessions.read(value);
  expect(seen).toEqual([SID]);
  store({}, nowMs);
  nowMs += SESSION_IDLE_MS + 1;
  expect(await sessions.read(kept)).toBeNull();
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
