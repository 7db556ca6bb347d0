import type { Logger } from 'pino';
import type { WorkerParts } from '@/server/composition/worker';
import type { RoleContext } from './role';
import type { Wake } from './wake';

export interface Notifications extends Pick<RoleContext, 'onOutbox' | 'onQuotes'> {
  close(): Promise<void>;
}

/** One listening connection for all roles of the process. */
export function startNotifications(parts: WorkerParts, log: Logger): Notifications {
  const wakes = new Set<Wake>();
  const heard = new Set<(payload: string) => void>();
  const wakeAll = () => {
    for (const each of wakes) each.wake();
    parts.bus.wake();
  };
  const listener = parts.listen(['outbox', 'quotes', 'bus'], {
    notified(channel, payload) {
      if (channel === 'outbox') for (const each of wakes) each.wake();
      else if (channel === 'bus') parts.bus.wake();
      else if (channel === 'quotes') for (const each of heard) each(payload);
    },
    connected: wakeAll,
    disconnected: (reason) => log.warn({ reason }, 'not listening to the database'),
  });
  return {
    onOutbox(wake) {
      wakes.add(wake);
      return () => wakes.delete(wake);
    },
    onQuotes(hear) {
      heard.add(hear);
      return () => heard.delete(hear);
    },
    close: () => listener.close(),
  };
}
