import { TRPCError } from '@trpc/server';
import type { AccessStore } from '@/server/application/ports/access';
import type { Session } from '@/server/auth/session';
import { confirmPassword } from '@/server/auth/step-up';

/** Lets only the signed-in person herself go on. @throws TRPCError FORBIDDEN */
export async function requirePassword(access: AccessStore, session: Session, password: string): Promise<void> {
  const confirmed = await confirmPassword(access, session, password);
  if (confirmed.ok) return;
  throw new TRPCError({
    code: 'FORBIDDEN',
    message: 'The password is not right, or there were too many attempts: then wait 15 minutes.',
  });
}
