import { bookNonTrades } from '@/server/application/booking/book-non-trades';
import type { ExecutionContext } from '@/server/application/execution-context';
import { closeDue, dayWindow } from '@/server/application/exits/close-due';
import {
  BrokerError,
  type CalendarDay,
  type NonTradeActivity,
  type VenueInfo,
} from '@/server/application/ports/broker';
import type { AskedTieOut, FinishedTieOut } from '@/server/application/ports/tie-out-store';
import { cashRounding } from '@/server/application/reconciliation/cash-tolerance';
import { takeTieOut } from '@/server/application/reconciliation/take-tie-out';
import { newYorkDate } from '@/server/domain/calendar';
import type { RoleContext } from '../runtime/role';

const DAY_MS = 86_400_000;
/** How far back a session's close is still tied out after the worker was away. */
const CALENDAR_DAYS = 10;
/** A calendar may change: a session closed for mourning, another recording. */
const CALENDAR_MAX_AGE_MS = 3_600_000;
/** A broker dates fees and dividends days back when it posts them: behind the cursor that the rounds read from. */
const STATEMENT_LAG_MS = 8 * DAY_MS;
const STATEMENT_EVERY_MS = 600_000;
/** While cash or a position differs the reason may be on its way. */
const STATEMENT_EVERY_WITH_BREAK_MS = 60_000;
/** Rounds in which a tie-out may fail to be taken before it is stored as failed. */
const ATTEMPTS = 12;

/** What one holder of the lease remembers between its rounds. */
class BooksKeeper {
  private calendar: { readonly date: string; readonly atMs: number; readonly days: readonly CalendarDay[] } | null =
    null;
  private statementAtMs = Number.NEGATIVE_INFINITY;
  private readonly failures = new Map<string, number>();

  constructor(
    private readonly role: RoleContext,
    private readonly context: ExecutionContext,
    private readonly venue: VenueInfo,
  ) {}

  async round(): Promise<void> {
    const { marketTimeMs } = await this.context.broker.clock();
    if (this.venue.environment !== 'SIM') await this.readStatement(marketTimeMs);
    const due = await this.due(marketTimeMs);
    for (const each of due) await this.tieOut(each, marketTimeMs);
  }

  private async readStatement(marketTimeMs: number): Promise<void> {
    const { broker, persist } = this.context;
    const { books } = this.role.parts;
    const breaks = await persist(() => books.openBreaks());
    const differs = breaks.some(({ cause }) => cause === 'CASH_MISMATCH' || cause === 'POSITION_MISMATCH');
    const everyMs = differs ? STATEMENT_EVERY_WITH_BREAK_MS : STATEMENT_EVERY_MS;
    if (performance.now() - this.statementAtMs < everyMs) return;
    const statement = await broker.activitiesAfter(marketTimeMs - STATEMENT_LAG_MS);
    const nonTrades = statement.filter((each): each is NonTradeActivity => each.kind === 'NON_TRADE');
    await bookNonTrades(this.context, books, nonTrades);
    this.statementAtMs = performance.now();
  }

  private async days(marketTimeMs: number): Promise<readonly CalendarDay[]> {
    const date = newYorkDate(marketTimeMs);
    const known = this.calendar;
    if (known !== null && known.date === date && performance.now() - known.atMs < CALENDAR_MAX_AGE_MS)
      return known.days;
    const from = newYorkDate(marketTimeMs - CALENDAR_DAYS * DAY_MS);
    const days = await this.context.broker.calendar(from, date);
    this.calendar = { date, atMs: performance.now(), days };
    return days;
  }

  private async due(marketTimeMs: number): Promise<readonly (AskedTieOut & { kind: FinishedTieOut['kind'] })[]> {
    const { persist, clock } = this.context;
    const { tieOuts, books } = this.role.parts;
    const { waiting, lastClose } = await persist(() => tieOuts.due());
    const asked = waiting.map((each) => ({ ...each, kind: 'REQUESTED' as const }));
    const { openedAtMs } = await persist(() => books.account());
    if (openedAtMs === null) return [];
    const tradingDay = closeDue(await this.days(marketTimeMs), marketTimeMs, openedAtMs, lastClose);
    if (tradingDay === null) return asked;
    const close = { id: clock.newId(), tradingDay, requestedBy: 'system (portfolio)', kind: 'CLOSE' as const };
    return [close, ...asked];
  }

  private async tieOut(asked: AskedTieOut & { kind: FinishedTieOut['kind'] }, marketTimeMs: number): Promise<void> {
    const { context, role, venue } = this;
    const { tieOuts, books } = role.parts;
    const tools = { books, tieOuts, cashRounding: cashRounding(venue.environment) };
    const key = asked.kind === 'CLOSE' ? asked.tradingDay : asked.id;
    const taken = { market_time: new Date(marketTimeMs).toISOString(), environment: venue.environment };
    try {
      const result = await takeTieOut(context, tools, dayWindow(asked.tradingDay));
      if (!result.settled) return await this.missed(asked, key, 'the account never stood still for long enough');
      const { report, looks } = result;
      const status = report.differences === 0 ? 'CLEAN' : 'DIFFERENT';
      await this.store({ ...asked, status, fault: null, report: { ...report, taken: { ...taken, looks } } }, key);
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      await this.missed(asked, key, `the broker did not answer: ${error.message}`);
    }
  }

  private async missed(asked: AskedTieOut & { kind: FinishedTieOut['kind'] }, key: string, fault: string) {
    const failures = (this.failures.get(key) ?? 0) + 1;
    this.failures.set(key, failures);
    if (failures >= ATTEMPTS) await this.store({ ...asked, status: 'FAILED', report: null, fault }, key);
  }

  private async store(finished: FinishedTieOut, key: string): Promise<void> {
    const { context, role } = this;
    await context.persist(() => role.parts.tieOuts.finish(context.fence, finished));
    this.failures.delete(key);
    const { tradingDay, kind, status, report, fault } = finished;
    const level = status === 'CLEAN' ? 'info' : 'error';
    context.log[level]({ tradingDay, kind, status, differences: report?.differences, fault }, 'tie-out finished');
  }
}

const keepers = new WeakMap<ExecutionContext, BooksKeeper>();

/**
 * What the account's books need after a good reconciliation round: the tie-out of a session that has closed, those that a
 * person asked for, and what the broker posted late. Under the lease of the context.
 * @throws SupersededError when the lease has gone
 */
export async function booksRound(role: RoleContext, context: ExecutionContext, venue: VenueInfo): Promise<void> {
  const keeper = keepers.get(context) ?? new BooksKeeper(role, context, venue);
  keepers.set(context, keeper);
  try {
    await keeper.round();
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
    role.log.warn({ err: error }, 'the account books could not be kept this round: the broker did not answer');
  }
}
