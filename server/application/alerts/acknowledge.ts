import type { Commands } from '@/server/application/commands';
import type { AlertAcknowledgements } from '@/server/application/ports/alert-store';
import { refuse } from '@/server/kernel/outcome';

/** What a person does with an alert. */
export function createAlertCommands(store: AlertAcknowledgements): Pick<Commands, 'acknowledgeAlert'> {
  return {
    async acknowledgeAlert(actor, alertId) {
      switch (await store.acknowledge(actor, alertId)) {
        case 'ACKNOWLEDGED':
          return { ok: true, status: 'ACKNOWLEDGED' };
        case 'ALREADY':
          return refuse('ALREADY_DECIDED', 'Somebody has acknowledged this alert already.');
        case 'NOT_FOUND':
          return refuse('NOT_FOUND', 'There is no such alert.');
      }
    },
  };
}
