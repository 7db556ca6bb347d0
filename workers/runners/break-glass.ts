import { bookBreakGlass, liftSuspension } from '@/server/application/halt/break-glass';
import type { RoleContext } from '../runtime/role';

const EVERY_MS = 5_000;

/** Books what was done at the broker without the database, and after a release lets the broker take orders again. */
export async function runBreakGlass(role: RoleContext): Promise<void> {
  const { parts, log, signal, persist, status } = role;
  const { store, journal, suspension } = parts.breakGlass;
  let settled = false;
  const booked = new Set<string>();
  const bookNews = () => persist(() => bookBreakGlass(journal, store, booked));
  while (!signal.aborted) {
    try {
      const news = await bookNews();
      if (news > 0) log.warn({ booked: news }, 'steps taken at the broker without this database were booked');
      const lifted = await liftSuspension(suspension, store, parts.clock, bookNews);
      // An alert whose suspension never came about ends with the release.
      if (lifted && !settled) await parts.alerts.resolve('BREAK_GLASS', 'broker');
      settled = lifted;
      delete status['breakGlass'];
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (status['breakGlass'] !== why) log.warn({ err: error }, 'break-glass records are not settled yet');
      status['breakGlass'] = why;
    }
    await parts.clock.sleep(EVERY_MS, signal);
  }
}
