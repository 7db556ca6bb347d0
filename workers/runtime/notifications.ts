import type { Logger } from 'pino';
import type { WorkerParts } from '@/server/composition.worker';
import type { RoleContext } from './role';
import type { Wake } from './wake';

export interface Notifications extends Pick<RoleContext, 'onOutbox' | 'onChannel'> {
  close(): Promise<void>;
}

/** One listening connection for all roles of the process. */
export function startNotifications(parts: WorkerParts, log: Logger): Notifications {
  const wakes = new Set<Wake>();
  const heard = { quotes: new Set<(payload: string) => void>(), bus: new Set<(payload: string) => void>() };
  const wakeAll = () => {
    for (const each of wakes) each.wake();
  };
  const listener = parts.listen(['outbox', 'quotes', 'bus'], {
    notified(channel, payload) {
      if (channel === 'outbox') wakeAll();
      else if (channel === 'quotes' || channel === 'bus') for (const each of heard[channel]) each(payload);
    },
    connected: wakeAll,
    disconnected: (reason) => log.warn({ reason }, 'not listening to the database'),
  });
  return {
    onOutbox(wake) {
      wakes.add(wake);
      return () => wakes.delete(wake);
    },
    onChannel(channel, hear) {
      heard[channel].add(hear);
      return () => heard[channel].delete(hear);
    },
    close: () => listener.close(),
  };
}
