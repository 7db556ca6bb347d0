import type { AccessStore, UserRecord } from '@/server/application/ports/access';
import type { Device } from './device';
import { hashText, MAX_PASSWORD_LENGTH, verifyPassword } from './passwords';

export const MAX_FAILURES = 5;
export const WINDOW_SECONDS = 15 * 60;

/** Used for an unknown user, so that both answers take equally long. */
let decoy: Promise<string> | null = null;

export type SignInResult =
  | { readonly ok: true; readonly user: UserRecord }
  /** An unknown user, a wrong password and a disabled user give the same answer. */
  | { readonly ok: false; readonly code: 'WRONG' | 'THROTTLED' };

/** An e-mail address in lower case, as stored; without control characters, which no address has. */
export function normalEmail(text: string): string {
  return text.replace(/\p{C}/gu, '').trim().toLowerCase().slice(0, 254);
}

/** Where failures are counted: for a known browser of this user separately, for all other browsers together per e-mail. */
export function signInBucket(email: string, device: Device | null): string {
  return device !== null && device.email === email ? `device:${device.id}:${email}` : `sign-in:${email}`;
}

/**
 * Checks an e-mail and password. After 5 failures within 15 minutes further attempts of the same count are refused until the
 * oldest is 15 minutes old, whether the user exists or not; a success clears the count. Guessing from unknown browsers locks
 * out neither a known browser nor a signed-in user.
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
  decoy ??= hashText('a decoy that no user has');
  const right = await verifyPassword(usable?.passwordHash ?? (await decoy), password);
  if (usable === null || !right) return { ok: false, code: 'WRONG' };
  await access.succeedAttempt(attempt.id);
  return { ok: true, user: usable };
}
