import type { AccessStore } from '@/server/application/ports/access';
import { checkPassword, type SignInResult } from './sign-in';

/** Checks the password of a signed-in user again. Throttled separately from sign-in, so that guessing cannot delay a release. */
export async function confirmPassword(
  access: AccessStore,
  session: { readonly userId: string; readonly email: string },
  password: string,
): Promise<SignInResult> {
  const result = await checkPassword(access, session.email, password, `step-up:${session.userId}`);
  if (result.ok && result.user.id !== session.userId) return { ok: false, code: 'WRONG' };
  return result;
}
