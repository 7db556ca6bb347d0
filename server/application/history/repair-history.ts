import type { BarHolding, BarStore } from '@/server/application/ports/bar-store';
import { newYorkDate } from '@/server/domain/calendar';
import { planRepair, type RepairPlan } from '@/server/domain/market/repair-bars';

export interface RepairReport extends RepairPlan {
  readonly holding: BarHolding;
  /** Bars of the dates that are dropped. */
  readonly dropped: number;
}

/**
 * Mends the stored bars of a symbol as far as there is one way to do it.
 * @param options.drop New York dates whose bars are removed, so that they can be imported again
 * @param options.apply false: only says what would be done
 * @throws HistoryBusyError @throws HistoryCorruptError
 */
export async function repairHistory(
  store: BarStore,
  symbol: string,
  options: { readonly drop: readonly string[]; readonly apply: boolean },
): Promise<readonly RepairReport[]> {
  const drop = new Set(options.drop);
  return store.writing(async (writer) => {
    const reports: RepairReport[] = [];
    for (const holding of await store.holdings()) {
      if (holding.symbol !== symbol) continue;
      const { period } = holding;
      const bars = await store.read({ symbol, period, afterMs: null, untilMs: null });
      const dropped = bars.filter(({ startMs }) => drop.has(newYorkDate(startMs)));
      const kept = dropped.length === 0 ? bars : bars.filter(({ startMs }) => !drop.has(newYorkDate(startMs)));
      const plan = planRepair(kept, period);
      const removed = [...dropped, ...plan.removed];
      if (options.apply && removed.length > 0) await writer.replace(period, removed, plan.added);
      reports.push({ ...plan, holding, dropped: dropped.length });
    }
    return reports;
  });
}
