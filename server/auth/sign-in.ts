import type { AccessStore, UserRecord } from '@/server/application/ports/access';
import type { Device } from './device';
import { hashPassword, MAX_PASSWORD_LENGTH, verifyPassword } from './passwords';

export const MAX_FAILURES = 5;
export const WINDOW_SECONDS = 15 * 60;

/** Verified against when there is no such user, so that both answers take as long. */
let decoy: Promise<string> | null = null;

export type SignInResult =
  | { readonly ok: true; readonly user: UserRecord }
  /** Unknown user, wrong password and disabled user are one answer. */
  | { readonly ok: false; readonly code: 'WRONG' | 'THROTTLED' };

/** An e-mail as users are stored: lower case. */
export function normalEmail(text: string): string {
  return text.trim().toLowerCase().slice(0, 254);
}

/** Whose failures count: those of a browser that signed in as this person before, else all strangers' at this e-mail. */
export function signInBucket(email: string, device: Device | null): string {
  return device !== null && device.email === email ? `device:${device.id}:${email}` : `sign-in:${email}`;
}

/**
 * Checks an e-mail and password. After 5 failures in 15 minutes a bucket of attempts waits until the oldest is past,
 * the user known or not; a success forgets the failures before it. Strangers who guess fill the e-mail's own bucket:
 * they shut out neither a known browser nor somebody who is signed in.
 */
export async function checkPassword(
  access: AccessStore,
  emailText: string,
  password: string,
  bucket = signInBucket(normalEmail(emailText), null),
): Promise<SignInResult> {
  const email = normalEmail(emailText);
  const attempt = await access.beginAttempt(bucket, WINDOW_SECONDS);
  if (attempt.failures > MAX_FAILURES) {
    await access.dropAttempt(attempt.id);
    return { ok: false, code: 'THROTTLED' };
  }
  const user = password.length > MAX_PASSWORD_LENGTH ? null : await access.userByEmail(email);
  const usable = user !== null && !user.disabled ? user : null;
  decoy ??= hashPassword('a decoy that no user has');
  const right = await verifyPassword(usable?.passwordHash ?? (await decoy), password);
  if (usable === null || !right) return { ok: false, code: 'WRONG' };
  await access.succeedAttempt(attempt.id);
  return { ok: true, user: usable };
}
