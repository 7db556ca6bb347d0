import type { AccessStore } from '@/server/application/ports/access';
import type { Actor } from '@/server/kernel/actor';
import { type Outcome, refuse } from '@/server/kernel/outcome';
import { hashPassword, PasswordError } from './passwords';

/** Gives a person a new password; the edge has checked the present one. Every session of theirs ends. */
export async function changePassword(
  access: Pick<AccessStore, 'changePassword'>,
  actor: Actor,
  person: { readonly email: string; readonly name: string },
  next: string,
): Promise<Outcome<{ status: 'CHANGED' }>> {
  let passwordHash: string;
  try {
    passwordHash = await hashPassword(next, [person.email, person.name]);
  } catch (error) {
    if (error instanceof PasswordError) return refuse('INVALID', error.message);
    throw error;
  }
  return (await access.changePassword(actor, passwordHash))
    ? { ok: true, status: 'CHANGED' }
    : refuse('NOT_FOUND', 'Your account is disabled.');
}
