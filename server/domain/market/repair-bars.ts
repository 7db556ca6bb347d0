import { newYorkDate } from '@/server/domain/calendar';
import type { Bar } from '@/server/domain/exchange/types';
import { formatUnits } from '@/server/kernel/money';
import { type Jump, splitAdjusted, suspiciousJumps } from './bar-file';
import type { Period } from './period';
import { badBars, minutesApart } from './verify-bars';

const MINUTE_MS = 60_000;
/** A minute that is this near to a whole one was stamped with its last instant, or its first. */
const NEAR_MS = 1_000;

/** Bars that start in [fromMs, toMs]. */
export interface BarSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What a person asks for, where faults have more than one explanation. */
export interface RepairRequest {
  /** New York dates whose bars are removed, so that they can be imported again. */
  readonly drop?: readonly string[];
  readonly remove?: readonly BarSpan[];
  /** Bars that belong to another symbol. */
  readonly move?: readonly (BarSpan & { readonly symbol: string })[];
  /** First session at the new price, and new shares for an old one. */
  readonly splits?: readonly { readonly date: string; readonly ratio: number }[];
}

/** What would be done about the stored bars of one symbol. */
export interface RepairPlan {
  /** Bars that are taken away and those that take their place; both oldest first. */
  readonly removed: readonly Bar[];
  readonly added: readonly Bar[];
  /** Bars that go to other symbols, under their new names. */
  readonly moved: readonly Bar[];
  /** Each change in words. */
  readonly actions: readonly string[];
  /** What has more than one explanation, or cannot be done, with what to do about it. */
  readonly refused: readonly string[];
}

function onGrid(bar: Bar): Bar | null {
  const startMs = Math.round(bar.startMs / MINUTE_MS) * MINUTE_MS;
  return Math.abs(startMs - bar.startMs) <= NEAR_MS ? { ...bar, startMs, endMs: startMs + MINUTE_MS } : null;
}

const at = (ms: number) => new Date(ms).toISOString();
const within = ({ startMs }: Bar, { fromMs, toMs }: BarSpan) => startMs >= fromMs && startMs <= toMs;

/** The plan while it is made: the bars as they would be, and what was said. */
class Plan {
  readonly actions: string[] = [];
  readonly refused: string[] = [];
  readonly moved: Bar[] = [];
  after: readonly Bar[];

  constructor(
    readonly before: readonly Bar[],
    readonly period: Period,
  ) {
    this.after = before;
  }

  take(what: string, chosen: (bar: Bar) => boolean): readonly Bar[] {
    const taken = this.after.filter(chosen);
    if (taken.length > 0) this.actions.push(`${what}: ${taken.length} bar(s)`);
    this.after = this.after.filter((bar) => !chosen(bar));
    return taken;
  }

  /** Adjusts earlier bars, if they are not adjusted yet: a split must not be applied twice. */
  split(split: { readonly date: string; readonly ratio: number }): void {
    const { date, ratio } = split;
    const next = this.after.findIndex(({ startMs }) => newYorkDate(startMs) >= date);
    const [last, first] = [this.after[next - 1], this.after[next]];
    // Nothing to adjust, or nothing that shows whether it was adjusted.
    if (next === 0 || this.after.length === 0) return;
    if (last === undefined || first === undefined) {
      this.refused.push(`split ${date}: there is no bar on or after it that shows the new price`);
      return;
    }
    const found = Number((last.close * 1_000_000n) / first.open) / 1_000_000;
    if (Math.abs(Math.log(found / ratio)) >= Math.abs(Math.log(found))) {
      this.refused.push(
        `split ${date}: ${formatUnits(last.close)} before and ${formatUnits(first.open)} after it are no change by ${ratio}: are the bars adjusted already?`,
      );
      return;
    }
    this.after = this.after.map((bar) => splitAdjusted(bar, split));
    const close = formatUnits(this.after[next - 1]?.close ?? 0n);
    this.actions.push(
      `adjust   ${next} bar(s) before ${date} for a split of ${ratio}: the last close ${formatUnits(last.close)} becomes ${close}, the first open after it is ${formatUnits(first.open)}`,
    );
  }

  /** Mends what has one explanation, and refuses what has more. */
  mend(): void {
    const bars = this.after;
    const ends = new Set(bars.map(({ endMs }) => endMs));
    const mended = new Map<Bar, Bar | null>();
    const byEnd = new Map(bars.map((bar) => [bar.endMs, bar]));
    for (const { endMs, fault } of badBars(bars, this.period)) {
      const bar = byEnd.get(endMs);
      if (bar === undefined) continue;
      const date = newYorkDate(bar.startMs);
      const again = `--drop ${date}, then import the date again`;
      const grid = fault === 'GRID' && this.period === '1m' ? onGrid(bar) : null;
      if (fault === 'DATE') {
        this.actions.push(`remove   ${at(endMs)}: ${date} has no session`);
        mended.set(bar, null);
      } else if (grid !== null && !ends.has(grid.endMs)) {
        this.actions.push(`move     ${at(endMs)} to ${at(grid.endMs)}`);
        mended.set(bar, grid);
      } else if (grid !== null)
        this.refused.push(
          `${at(endMs)}: belongs to the minute that ends ${at(grid.endMs)}, which is stored as well: ${again}`,
        );
      else this.refused.push(`${at(endMs)}: ${WORDS[fault]}: ${again}`);
    }
    this.after = bars.flatMap((bar) => {
      const instead = mended.get(bar);
      return instead === undefined ? [bar] : instead === null ? [] : [instead];
    });
    this.look();
  }

  /** Spacing and jumps. */
  private look(): void {
    const apart = this.period === '1m' ? minutesApart(this.after) : 0;
    if (apart > 1 && Number.isInteger(apart))
      this.refused.push(
        `the minutes are ${apart} apart: longer bars, or only some of the minutes. If they are longer bars, --drop their dates and import them again with --period`,
      );
    const jumps = suspiciousJumps(this.after);
    for (const [index, jump] of jumps.entries()) {
      const next = jumps[index + 1];
      const back = next !== undefined && returns(jump, next) ? next : null;
      const before = jumps[index - 1];
      if (before !== undefined && returns(before, jump)) continue;
      this.refused.push(back === null ? this.explain(jump) : this.explainRun(jump, back));
    }
  }

  private explain({ date, split }: Jump): string {
    return split === null
      ? `${date}: opens far from the close before, and no split explains it: bars of another symbol? Compare with the source; --drop ${date} removes the date`
      : `${date}: opens as after a split of ${split}. If there was one, --split ${date}:${split} adjusts the bars before it`;
  }

  private explainRun(from: Jump, back: Jump): string {
    const last = this.after.findLast(({ startMs }) => startMs < back.startMs);
    const span = `${at(from.startMs)}/${at(last?.startMs ?? from.startMs)}`;
    return `${span}: at other prices than before and after: bars of another symbol? --move ${span}=SYMBOL gives them to it, --remove ${span} removes them`;
  }

  result(): RepairPlan {
    const { actions, refused, moved } = this;
    const [old, fresh] = [new Set(this.before), new Set(this.after)];
    return {
      removed: this.before.filter((bar) => !fresh.has(bar)),
      added: this.after.filter((bar) => !old.has(bar)),
      moved,
      actions,
      refused,
    };
  }
}

const WORDS = {
  PRICES: 'impossible prices',
  LENGTH: 'is not as long as its period',
  GRID: 'does not begin where bars of its period do',
  ORDER: 'is out of order',
} as const;

/** Whether prices return with the second jump to where they were before the first, within a tenth. */
function returns(first: Jump, second: Jump): boolean {
  const change = Number((first.from * 1_000n) / second.to) / 1_000;
  return change > 0.9 && change < 1.1;
}

/**
 * Decides what is done about the stored bars of one symbol: first what a person asks for, then what has one explanation. Nothing
 * is guessed: everything else is refused, with the options that settle it.
 * @param bars all of one symbol and period, oldest first
 */
export function planRepair(bars: readonly Bar[], period: Period, request: RepairRequest = {}): RepairPlan {
  const plan = new Plan(bars, period);
  for (const date of request.drop ?? []) plan.take(`drop     ${date}`, ({ startMs }) => newYorkDate(startMs) === date);
  for (const span of request.remove ?? [])
    plan.take(`remove   ${at(span.fromMs)}/${at(span.toMs)}`, (bar) => within(bar, span));
  for (const span of request.move ?? []) {
    const taken = plan.take(`move     ${at(span.fromMs)}/${at(span.toMs)} to ${span.symbol}`, (bar) =>
      within(bar, span),
    );
    plan.moved.push(...taken.map((bar) => ({ ...bar, symbol: span.symbol })));
  }
  for (const split of request.splits ?? []) plan.split(split);
  plan.mend();
  return plan.result();
}
