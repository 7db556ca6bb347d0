import type { Commands } from '@/server/application/commands';
import type { EventRemoval, EventRestoration, MarketEventStore } from '@/server/application/ports/market-event-store';
import type { EventImport } from '@/server/contracts/console/market-events';
import { readEvents } from '@/server/domain/market/events/read-events';
import { type Outcome, type Refusal, refuse } from '@/server/kernel/outcome';

type EventCommands = Pick<
  Commands,
  'addMarketEvent' | 'removeMarketEvent' | 'restoreMarketEvent' | 'importMarketEvents'
>;

const NOT_FOUND = refuse('NOT_FOUND', 'There is no such event.');

const UNREMOVED: Readonly<Record<Exclude<EventRemoval, 'REMOVED'>, Refusal>> = {
  NOT_FOUND,
  ALREADY_REMOVED: refuse('ALREADY_DECIDED', 'This event is removed already.'),
};

const UNRESTORED: Readonly<Record<Exclude<EventRestoration, 'RESTORED'>, Refusal>> = {
  NOT_FOUND,
  NOT_REMOVED: refuse('ALREADY_DECIDED', 'This event is in effect already.'),
  EXISTS: refuse('CONFLICT', 'The same event was added again meanwhile: there is nothing to restore.'),
};

/** Of a file's events, what its answer carries: enough to see that it is the right file. */
const SHOWN = 50;

/** What a person does to the times in which nothing opens. */
export function createMarketEventCommands(store: MarketEventStore): EventCommands {
  return {
    async addMarketEvent(actor, event): Promise<Outcome<{ id: string }>> {
      const { ids } = await store.add(actor, 'OPERATOR', [event]);
      const id = ids[0];
      if (id === undefined) return refuse('CONFLICT', 'The same event is there already.');
      return { ok: true, id };
    },
    async removeMarketEvent(actor, id, reason): Promise<Outcome<{ status: 'REMOVED' }>> {
      if (reason.trim() === '') return refuse('INVALID', 'Removing an event needs a reason.');
      const result = await store.remove(actor, id, reason.trim());
      return result === 'REMOVED' ? { ok: true, status: 'REMOVED' } : UNREMOVED[result];
    },
    async restoreMarketEvent(actor, id): Promise<Outcome<{ status: 'RESTORED' }>> {
      const result = await store.restore(actor, id);
      return result === 'RESTORED' ? { ok: true, status: 'RESTORED' } : UNRESTORED[result];
    },
    async importMarketEvents(actor, csv, options = {}): Promise<EventImport> {
      const { events, faults } = readEvents(csv);
      const shown = events.slice(0, SHOWN);
      if (faults.length > 0) return { added: 0, same: 0, faults: [...faults], events: shown };
      if (options.dryRun === true) {
        const same = await store.countSame(events);
        return { added: events.length - same, same, faults: [], events: shown };
      }
      const { ids, same } = await store.add(actor, 'IMPORT', events);
      return { added: ids.length, same, faults: [], events: shown };
    },
  };
}
