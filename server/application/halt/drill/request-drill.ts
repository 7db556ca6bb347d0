import type { Commands } from '@/server/application/commands';
import type { DrillStore } from '@/server/application/ports/drill-store';
import type { Actor } from '@/server/kernel/actor';
import { refuse } from '@/server/kernel/outcome';

export const MOST_DRILL_ORDERS = 500;

/** Asking for a kill drill: refused on a live account, while trading is not active, and while one is running. */
export function createDrillCommands(store: DrillStore, newId: () => string): Pick<Commands, 'requestDrill'> {
  async function requestDrill(actor: Actor, drill: Parameters<Commands['requestDrill']>[1]) {
    const { orders, symbol = null } = drill;
    if (!Number.isInteger(orders) || orders < 1 || orders > MOST_DRILL_ORDERS) {
      const message = `A drill places 1 to ${MOST_DRILL_ORDERS} orders.`;
      return refuse('INVALID', message);
    }
    const drillId = newId();
    const refusal = await store.request({
      id: drillId,
      actor: actor.name,
      principalId: actor.kind === 'user' ? actor.principalId : null,
      symbol,
      orders,
      correlationId: actor.correlationId,
    });
    if (refusal !== null) return refuse('CONFLICT', `No drill was started: ${refusal}.`);
    return { ok: true, drillId } as const;
  }

  return { requestDrill };
}
