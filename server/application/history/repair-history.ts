import { type BarHolding, type BarStore, BarsDifferError } from '@/server/application/ports/bar-store';
import { planRepair, type RepairPlan, type RepairRequest } from '@/server/domain/market/repair-bars';

export interface RepairReport extends RepairPlan {
  readonly holding: BarHolding;
}

/**
 * Mends the stored bars of a symbol: what is asked for, and what can be mended in one way only. Again, it changes nothing.
 * @param options.apply false: only says what would be done
 * @throws HistoryBusyError @throws HistoryCorruptError
 */
export async function repairHistory(
  store: BarStore,
  symbol: string,
  options: RepairRequest & { readonly apply: boolean },
): Promise<readonly RepairReport[]> {
  return store.writing(async (writer) => {
    const reports: RepairReport[] = [];
    for (const holding of await store.holdings()) {
      if (holding.symbol !== symbol) continue;
      const { period } = holding;
      const bars = await store.read({ symbol, period, afterMs: null, untilMs: null });
      const plan = planRepair(bars, period, options);
      const { removed, added, moved } = plan;
      const differ = await differing(() =>
        addEach(moved, (some) => writer.add(period, some, { dryRun: !options.apply })),
      );
      if (differ !== null) {
        // Nothing is taken away that found no other place.
        reports.push({ ...plan, removed: [], added: [], moved: [], actions: [], refused: [differ], holding });
        continue;
      }
      if (options.apply && removed.length > 0) await writer.replace(period, removed, added);
      reports.push({ ...plan, holding });
    }
    return reports;
  });
}

async function addEach(bars: RepairPlan['moved'], add: (bars: RepairPlan['moved']) => Promise<unknown>): Promise<void> {
  for (const symbol of new Set(bars.map((bar) => bar.symbol)))
    await add(bars.filter((bar) => bar.symbol === symbol).sort((a, b) => a.endMs - b.endMs));
}

/** Why bars cannot be added; null when they can. */
async function differing(work: () => Promise<void>): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (!(error instanceof BarsDifferError)) throw error;
    const [first] = error.conflicts;
    const at = new Date(first?.incoming.endMs ?? 0).toISOString();
    return `nothing was moved: ${first?.incoming.symbol ?? 'the other symbol'} holds ${error.conflicts.length} bar(s) with other figures, the first ends ${at}`;
  }
}
