import type { AccessStore } from '@/server/application/ports/access';
import { checkPassword, type SignInResult } from './sign-in';

/** Asks a signed-in person for the password again, throttled apart from signing in: no stranger can delay a release. */
export async function confirmPassword(
  access: AccessStore,
  session: { readonly userId: string; readonly email: string },
  password: string,
): Promise<SignInResult> {
  const result = await checkPassword(access, session.email, password, `step-up:${session.userId}`);
  if (result.ok && result.user.id !== session.userId) return { ok: false, code: 'WRONG' };
  return result;
}
