import type { Logger } from 'pino';
import type { WorkerParts } from '@/server/composition/worker';
import type { Notifier } from '@/server/kernel/notifier';
import type { RoleContext } from './role';

export interface Notifications extends Pick<RoleContext, 'onOutbox' | 'onQuotes'> {
  close(): Promise<void>;
}

/** One listening connection for all roles of the process. */
export function startNotifications(parts: WorkerParts, log: Logger): Notifications {
  const notifiers = new Set<Notifier>();
  const readers = new Set<(payload: string) => void>();
  const wakeAll = () => {
    for (const each of notifiers) each.notify();
    parts.bus.wake();
  };
  const listener = parts.listen(['outbox', 'quotes', 'bus'], {
    notified(channel, payload) {
      if (channel === 'outbox') for (const each of notifiers) each.notify();
      else if (channel === 'bus') parts.bus.wake();
      else if (channel === 'quotes') for (const each of readers) each(payload);
    },
    connected: wakeAll,
    disconnected: (reason) => log.warn({ reason }, 'not listening to the database'),
  });
  return {
    onOutbox(notifier) {
      notifiers.add(notifier);
      return () => notifiers.delete(notifier);
    },
    onQuotes(read) {
      readers.add(read);
      return () => readers.delete(read);
    },
    close: () => listener.close(),
  };
}
