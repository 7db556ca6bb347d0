import { roleAllows } from '@/server/auth/roles';
import type { Session } from '@/server/auth/session';

/** Most streams of one process. */
export const MAX_STREAMS = 500;
/** Places that viewers cannot take. */
const KEPT_FOR_OPERATORS = 100;
/** Open pages of one person. */
export const MAX_STREAMS_OF_USER = 25;

/** Who has how many streams of this process: one person cannot take them all (U-5). */
export class StreamPlaces {
  private readonly taken = new Map<string, number>();
  private total = 0;

  /** @returns a function that gives the place back, once; null where none is left for this person */
  take({ userId, role }: Pick<Session, 'userId' | 'role'>): (() => void) | null {
    const own = this.taken.get(userId) ?? 0;
    const limit = roleAllows(role, 'OPERATOR') ? MAX_STREAMS : MAX_STREAMS - KEPT_FOR_OPERATORS;
    if (own >= MAX_STREAMS_OF_USER || this.total >= limit) return null;
    this.taken.set(userId, own + 1);
    this.total += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.total -= 1;
      const left = (this.taken.get(userId) ?? 1) - 1;
      if (left === 0) this.taken.delete(userId);
      else this.taken.set(userId, left);
    };
  }
}
