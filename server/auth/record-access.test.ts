import { beforeEach, expect, test } from 'vitest';
import type { AccessRecord } from '@/server/application/ports/access';
import { AccessRecorder, sourceOf } from './record-access';

const FROM = { address: '192.0.2.1', agent: 'a browser' };
const USER = {
  id: 'u1',
  email: 'maria@example.com',
  name: 'Maria',
  role: 'ADMIN' as const,
  passwordHash: '',
  sessionVersion: 1,
  disabled: false,
};

let records: AccessRecord[];
let nowMs: number;
let recorder: AccessRecorder;
beforeEach(() => {
  records = [];
  nowMs = 0;
  recorder = new AccessRecorder({ record: async (record) => void records.push(record) }, () => nowMs);
});

test('M3: sign-in, failure and sign-out are recorded with who, address and browser', async () => {
  await recorder.signIn(USER.email, { ok: true, user: USER }, FROM);
  await recorder.signIn(USER.email, { ok: false, code: 'WRONG' }, FROM);
  await recorder.signOut(USER.email, FROM);
  const target = 'sign-in:maria@example.com';
  expect(records).toEqual([
    { actor: USER.email, action: 'access.sign_in', target, from: FROM },
    { actor: 'anonymous', action: 'access.sign_in.refused', target, from: FROM },
    { actor: USER.email, action: 'access.sign_out', target, from: FROM },
  ]);
});

test('M3: throttled attempts are recorded once a minute for each e-mail', async () => {
  const throttled = (email: string) => recorder.signIn(email, { ok: false, code: 'THROTTLED' }, FROM);
  for (let n = 0; n < 5; n += 1) await throttled('a@example.com');
  await throttled('b@example.com');
  nowMs = 60_000;
  await throttled('a@example.com');
  expect(records.map(({ action, target }) => [action, target])).toEqual([
    ['access.sign_in.throttled', 'sign-in:a@example.com'],
    ['access.sign_in.throttled', 'sign-in:b@example.com'],
    ['access.sign_in.throttled', 'sign-in:a@example.com'],
  ]);
});

test('the source is cut to a length', () => {
  const long = 'x'.repeat(1_000);
  const source = sourceOf(new Headers({ 'x-forwarded-for': '192.0.2.1, 10.0.0.1', 'user-agent': long }));
  expect(source).toEqual({ address: '192.0.2.1', agent: long.slice(0, 200) });
  expect(sourceOf(new Headers())).toEqual({ address: '', agent: '' });
});
