import { newYorkDate } from '@/server/domain/calendar';
import type { Bar } from '@/server/domain/exchange/types';
import { suspiciousJumps } from './bar-file';
import { badBars, minutesApart } from './verify-bars';

const MINUTE_MS = 60_000;
/** A minute that is this near to a whole one was stamped with its last instant, or its first. */
const NEAR_MS = 1_000;

/** What can be mended with certainty, and what cannot. */
export interface RepairPlan {
  /** Minutes that are moved to the whole minute next to them: as they are, and as they will be; both oldest first. */
  readonly removed: readonly Bar[];
  readonly added: readonly Bar[];
  /** What has more than one explanation, with what to do about it. */
  readonly refused: readonly string[];
}

function onGrid(bar: Bar): Bar | null {
  const startMs = Math.round(bar.startMs / MINUTE_MS) * MINUTE_MS;
  return Math.abs(startMs - bar.startMs) <= NEAR_MS ? { ...bar, startMs, endMs: startMs + MINUTE_MS } : null;
}

const at = (ms: number) => new Date(ms).toISOString();

/** Decides what is done about the bars of one symbol that `bars verify` finds fault with. Nothing is guessed. */
export function planRepair(bars: readonly Bar[], period: '1m' | '1d'): RepairPlan {
  const refused: string[] = [];
  const removed: Bar[] = [];
  const added: Bar[] = [];
  const ends = new Set(bars.map(({ endMs }) => endMs));
  const byEnd = new Map(bars.map((bar) => [bar.endMs, bar]));
  for (const { endMs, fault } of badBars(bars, period)) {
    const bar = byEnd.get(endMs);
    if (bar === undefined) continue;
    const date = newYorkDate(bar.startMs);
    const moved = fault === 'GRID' ? onGrid(bar) : null;
    if (moved !== null && !ends.has(moved.endMs)) {
      removed.push(bar);
      added.push(moved);
    } else if (moved !== null)
      refused.push(
        `${at(endMs)}: belongs to the minute that ends ${at(moved.endMs)}, which is stored as well: --drop ${date}, then import the date again`,
      );
    else if (fault === 'GRID')
      refused.push(`${at(endMs)}: is not near a whole minute: --drop ${date}, then import the date again`);
    else
      refused.push(
        `${at(endMs)}: ${fault === 'PRICES' ? 'impossible prices' : fault === 'LENGTH' ? 'is not a minute long' : 'is out of order'}: --drop ${date}, then import the date again`,
      );
  }
  const apart = period === '1m' ? minutesApart(bars) : 0;
  if (apart > 1 && Number.isInteger(apart))
    refused.push(
      `the minutes are ${apart} apart: longer bars, or only some of the minutes. If they are longer bars, --drop their dates: only minutes and days can be stored`,
    );
  for (const { date, split } of suspiciousJumps(bars))
    refused.push(
      split === null
        ? `${date}: opens far from the close before, and no split explains it: bars of another symbol? Compare with the source; --drop ${date} removes the date`
        : `${date}: opens as after a split of ${split}. If there was one, --drop the dates before it and import them again with --split ${date}:${split}`,
    );
  return { removed, added, refused };
}
