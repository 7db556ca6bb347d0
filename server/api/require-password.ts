import { TRPCError } from '@trpc/server';
import type { AccessStore } from '@/server/application/ports/access';
import type { Session } from '@/server/auth/session';
import { confirmPassword } from '@/server/auth/step-up';

/** Checks the signed-in user's password again. @throws TRPCError FORBIDDEN if it is wrong or attempts are throttled */
export async function requirePassword(access: AccessStore, session: Session, password: string): Promise<void> {
  const confirmed = await confirmPassword(access, session, password);
  if (confirmed.ok) return;
  throw new TRPCError({
    code: 'FORBIDDEN',
    message: 'The password is wrong, or there were too many attempts. In that case, wait 15 minutes.',
  });
}
