import type { AccessStore, UserRecord } from '@/server/application/ports/access';
import { hashPassword, MAX_PASSWORD_LENGTH, verifyPassword } from './passwords';

export const MAX_FAILURES = 5;
export const WINDOW_SECONDS = 15 * 60;

/** Verified against when there is no such user, so that both answers take as long. */
let decoy: Promise<string> | null = null;

export type SignInResult =
  | { readonly ok: true; readonly user: UserRecord }
  /** Unknown user, wrong password and disabled user are one answer. */
  | { readonly ok: false; readonly code: 'WRONG' | 'THROTTLED' };

/**
 * Checks an e-mail and password. After 5 failures in 15 minutes an e-mail waits, known or not, until the oldest is
 * past; a success forgets the failures before it.
 */
export async function checkPassword(access: AccessStore, emailText: string, password: string): Promise<SignInResult> {
  const email = emailText.trim().toLowerCase().slice(0, 254);
  const attempt = await access.beginAttempt(email, WINDOW_SECONDS);
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
