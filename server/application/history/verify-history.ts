import type { BarHolding, BarStore } from '@/server/application/ports/bar-store';
import { newYorkDate, sessionsBetween } from '@/server/domain/calendar';
import type { Bar } from '@/server/domain/exchange/types';
import { type Jump, suspiciousJumps } from '@/server/domain/market/bar-file';
import { byNewYorkDate } from '@/server/domain/market/day-of-minutes';
import {
  type BadBar,
  badBars,
  type Gap,
  gapsOf,
  minutesApart,
  sessionTotal,
  type TotalsDifference,
  totalsDifferences,
} from '@/server/domain/market/verify-bars';

export interface HoldingReport {
  readonly holding: BarHolding;
  readonly gaps: readonly Gap[];
  readonly bad: readonly BadBar[];
  /** Openings so far from the close before that a person should look: an unadjusted split, or bars of another symbol. */
  readonly jumps: readonly Jump[];
  /** What the spacing of minutes says their period is, when it is longer than a minute; null otherwise. */
  readonly longerPeriodMinutes: number | null;
  /** Sessions whose minutes were held against the stored day; 0 where only one of the two is stored. */
  readonly compared: number;
  readonly differences: readonly TotalsDifference[];
}

function compareTotals(minutes: readonly Bar[], days: readonly Bar[]) {
  const [first, last] = [minutes[0], minutes.at(-1)];
  if (first === undefined || last === undefined) return { compared: 0, differences: [] };
  const byClose = new Map(days.map((day) => [day.endMs, day]));
  const byDate = byNewYorkDate(minutes);
  let compared = 0;
  const differences: TotalsDifference[] = [];
  for (const { date, closeMs } of sessionsBetween(newYorkDate(first.startMs), newYorkDate(last.startMs))) {
    const day = byClose.get(closeMs);
    const total = sessionTotal(byDate.get(date) ?? [], date);
    if (day === undefined || total === null) continue;
    compared += 1;
    differences.push(...totalsDifferences(date, total, day));
  }
  return { compared, differences };
}

/**
 * Checks what is stored of each symbol (or of one): gaps against the calendar, sanity of each bar, spacing, jumps, minutes against days.
 * @throws Error of the store for a file that cannot be read
 */
export async function verifyHistory(
  store: BarStore,
  only: string | null,
  tell?: (holding: BarHolding) => void,
): Promise<readonly HoldingReport[]> {
  const holdings = (await store.holdings()).filter(({ symbol }) => only === null || symbol === only);
  const reports: HoldingReport[] = [];
  for (const holding of holdings) {
    tell?.(holding);
    const { symbol, period } = holding;
    const bars = await store.read({ symbol, period, afterMs: null, untilMs: null });
    const days = holdings.some((each) => each.symbol === symbol && each.period === '1d');
    const against =
      period === '1m' && days ? await store.read({ symbol, period: '1d', afterMs: null, untilMs: null }) : [];
    const totals = period === '1m' ? compareTotals(bars, against) : { compared: 0, differences: [] };
    const apart = period === '1m' ? minutesApart(bars) : 0;
    reports.push({
      holding,
      gaps: gapsOf(bars, period),
      bad: badBars(bars, period),
      jumps: suspiciousJumps(bars),
      longerPeriodMinutes: apart > 1 ? apart : null,
      ...totals,
    });
  }
  return reports;
}
