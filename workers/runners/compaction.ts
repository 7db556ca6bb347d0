import { CompactedDays, compactHistory, type DayCompacted } from '@/server/application/history/compact';
import { HistoryBusyError } from '@/server/application/ports/bar-store';
import { SupersededError } from '@/server/application/ports/lease';
import type { RecentDay } from '@/server/application/ports/recent-bars';
import type { Held, RoleContext } from '../runtime/role';

/** A day is over once in 24 hours, at most 60 times as often where a recording is played faster. */
const COMPACT_MS = 600_000;
/** An import holds the history for seconds; a full disk is made room on. */
const RETRY_MS = 30_000;
const KIND = 'HISTORY';

const message = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Tells people what compaction does: one line in the heartbeat, alerts for what they must look at. */
class CompactionReport {
  private failures = 0;
  private days = 0;
  private last = '';

  constructor(private readonly role: RoleContext) {}

  async done({ symbol, date, added, removed, conflicts, day }: DayCompacted): Promise<void> {
    const { parts, log } = this.role;
    this.days += 1;
    this.last = `, last ${symbol} ${date}`;
    if (added + removed > 0 || day) log.info({ symbol, date, added, removed, day }, 'a day went into the history');
    if (conflicts === 0) await parts.alerts.resolve(KIND, `${symbol} ${date}`);
    else
      await parts.alerts.open(
        KIND,
        `${symbol} ${date}`,
        `${conflicts} minute(s) of ${symbol} on ${date} are in the history with other figures; they stay in the database (docs/history.md)`,
        { symbol, date, conflicts },
      );
  }

  async failed({ symbol, date }: RecentDay, error: unknown): Promise<void> {
    const { parts, log } = this.role;
    this.failures += 1;
    log.error({ err: error, symbol, date }, 'a day could not be written to the history');
    await parts.alerts.open(KIND, 'compaction', `${symbol} ${date} could not be written: ${message(error)}`);
  }

  get failing(): boolean {
    return this.failures > 0;
  }

  begin(): void {
    this.failures = 0;
  }

  async end(): Promise<void> {
    const { parts, status } = this.role;
    const at = new Date(parts.clock.nowMs()).toISOString().slice(0, 16).replace('T', ' ');
    const failed = this.failures === 0 ? '' : `, ${this.failures} failed`;
    status['history'] = `${this.days} day(s) compacted${this.last}${failed}, looked at ${at}Z`;
    if (this.failures === 0) await parts.alerts.resolve(KIND, 'compaction');
  }

  async stopped(error: unknown): Promise<void> {
    const { parts, log, status } = this.role;
    log.error({ err: error }, 'the history could not be compacted');
    status['history'] = `not compacted: ${message(error)}`;
    await parts.alerts.open(KIND, 'compaction', `The history could not be compacted: ${message(error)}`);
  }
}

/** Brings days that are over from the database into the history, under the maintenance lease. */
export async function compaction(role: RoleContext, held: Held): Promise<void> {
  const { parts, log } = role;
  const report = new CompactionReport(role);
  const known = new CompactedDays();
  const tools = {
    recent: parts.recentBars,
    openHistory: parts.openHistory,
    signal: held.signal,
    done: (day: DayCompacted) => report.done(day),
    failed: (day: RecentDay, error: unknown) => report.failed(day, error),
  };
  while (!held.signal.aborted) {
    let restMs = COMPACT_MS;
    report.begin();
    try {
      await compactHistory(tools, known, held.fence);
      await report.end();
      if (report.failing) restMs = RETRY_MS;
    } catch (error) {
      if (error instanceof SupersededError) throw error;
      restMs = RETRY_MS;
      if (error instanceof HistoryBusyError) log.info('somebody else writes to the history: compaction waits');
      else await report.stopped(error).catch((fault: unknown) => log.debug({ err: fault }, 'no alert was written'));
    }
    await parts.clock.sleep(restMs, held.signal);
  }
}
