import type { Bar } from '@/server/domain/exchange/types';

/** A bar that is stored already, with other figures. */
export interface BarConflict {
  readonly stored: Bar;
  readonly incoming: Bar;
}

export interface BarMerge {
  /** Both together, oldest first. */
  readonly bars: readonly Bar[];
  readonly added: number;
  /** Bars that were there already, equal. */
  readonly same: number;
  readonly conflicts: readonly BarConflict[];
}

const equal = (a: Bar, b: Bar) =>
  a.startMs === b.startMs &&
  a.open === b.open &&
  a.high === b.high &&
  a.low === b.low &&
  a.close === b.close &&
  a.volume === b.volume;

/** Puts new bars among stored ones of the same symbol and period. Both oldest first, no end twice within either. */
export function mergeBars(stored: readonly Bar[], incoming: readonly Bar[]): BarMerge {
  const bars: Bar[] = [];
  const conflicts: BarConflict[] = [];
  let [added, same, at] = [0, 0, 0];
  for (const bar of incoming) {
    let held = stored[at];
    while (held !== undefined && held.endMs < bar.endMs) {
      bars.push(held);
      at += 1;
      held = stored[at];
    }
    if (held === undefined || held.endMs !== bar.endMs) {
      bars.push(bar);
      added += 1;
      continue;
    }
    bars.push(held);
    at += 1;
    if (equal(held, bar)) same += 1;
    else conflicts.push({ stored: held, incoming: bar });
  }
  for (; at < stored.length; at += 1) {
    const held = stored[at];
    if (held !== undefined) bars.push(held);
  }
  return { bars, added, same, conflicts };
}
