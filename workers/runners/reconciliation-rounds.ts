import type { ExecutionContext } from '@/server/application/execution-context';
import { BrokerError } from '@/server/application/ports/broker';
import { SupersededError } from '@/server/application/ports/lease';
import { cashRounding } from '@/server/application/reconciliation/cash-tolerance';
import { reconcile } from '@/server/application/reconciliation/reconcile';
import { nextInterval, paceText, ROUND_MS } from '@/server/application/reconciliation/round-pace';
import type { Held, RoleContext } from '../runtime/role';
import { booksRound } from './books';
import { executionContext } from './execution-context';

const SETTLE_MS = 5_000;
/** A broker's statement may be late by minutes; the simulator's is not. */
const OVERLAP_MS = { SIM: 10_000, PAPER: 600_000, LIVE: 600_000 } as const;
const ALERT_AFTER = 3;
const ALERT = { kind: 'RECONCILIATION', subject: 'rounds' } as const;

const describe = (error: unknown) => (error instanceof Error ? error.message : String(error));

interface Outcome {
  readonly ok: boolean;
  readonly openOrders: number | null;
  readonly limitedMs: number | null;
  readonly text: string;
}

/** Rounds under one lease: how often, and which failures were reported. */
class Rounds {
  private everyMs = ROUND_MS;
  /** Until a round was good, orders are looked at however lately they changed. */
  private first = true;
  /** One may be open from a worker before this one. */
  private alertMayBeOpen = true;

  constructor(
    private readonly role: RoleContext,
    private readonly context: ExecutionContext,
  ) {}

  /** Whether the last round was. */
  good = false;

  /** One round with its figures. @returns ms from its beginning to the next one's */
  async next(): Promise<number> {
    const { rounds } = this.role.parts;
    const before = rounds.counts();
    const startedMs = performance.now();
    const outcome = await this.attempt();
    this.good = outcome.ok;
    const ms = Math.round(performance.now() - startedMs);
    const now = rounds.counts();
    const waitedMs = Math.round(now.waitedMs - before.waitedMs);
    this.everyMs = nextInterval(this.everyMs, { ms, waitedMs, limitedMs: outcome.limitedMs });
    const pace = paceText(this.everyMs);
    this.role.status['reconciliation'] = pace === '' ? outcome.text : `${outcome.text}, ${pace}`;
    const figures = {
      ok: outcome.ok,
      ms,
      statements: now.statements - before.statements,
      requests: now.requests - before.requests,
      openOrders: outcome.openOrders,
      waitedMs,
      everyMs: this.everyMs,
    };
    await this.context.persist(() => rounds.figures.saveRound(figures));
    return this.everyMs;
  }

  private async attempt(): Promise<Outcome> {
    const { parts, venue } = this.role;
    try {
      const { open } = await reconcile(this.context, parts.rounds.books, {
        initialBalancesSignedBy: venue.environment === 'SIM' ? 'system (simulator)' : null,
        overlapMs: OVERLAP_MS[venue.environment],
        settleMs: this.first ? 0 : SETTLE_MS,
        cashRounding: cashRounding(venue.environment),
      });
      this.first = false;
      await this.recovered();
      return { ok: true, openOrders: open.length, limitedMs: null, text: 'good' };
    } catch (error) {
      if (error instanceof SupersededError || this.context.signal.aborted) throw error;
      return this.failed(error);
    }
  }

  private async recovered(): Promise<void> {
    if (!this.alertMayBeOpen) return;
    const { alerts } = this.role.parts;
    await this.context.persist(() => alerts.resolve(ALERT.kind, ALERT.subject));
    this.alertMayBeOpen = false;
  }

  private async failed(error: unknown): Promise<Outcome> {
    const { parts, log } = this.role;
    const failed = await this.context.persist(() => parts.rounds.books.failRound());
    const text = `failed ${failed} time(s): ${describe(error)}`;
    const alerting = failed > ALERT_AFTER;
    // A broker that is away fails every round: its stack is logged once, then a line with the count.
    log[alerting ? 'error' : 'warn'](
      failed === 1 ? { err: error, failed } : { cause: describe(error), failed },
      'a reconciliation round failed: nothing is concluded from it',
    );
    if (alerting) {
      const message = `reconciliation has failed ${failed} times in a row: nothing opens until a round is good (${describe(error)})`;
      this.alertMayBeOpen = true;
      await this.context.persist(() => parts.alerts.open(ALERT.kind, ALERT.subject, message, { failed }));
    }
    const limited = error instanceof BrokerError && error.kind === 'rate_limited';
    return { ok: false, openOrders: null, limitedMs: limited ? (error.retryAfterMs ?? ROUND_MS) : null, text };
  }
}

/** Reconciles every 5 s, less often where the broker's rate limit leaves no room for it. */
export async function reconciliationRounds(role: RoleContext, held: Held): Promise<void> {
  const { broker, store } = role.parts.rounds;
  const context = executionContext(role, held);
  const rounds = new Rounds(role, { ...context, broker, store });
  while (!held.signal.aborted) {
    const beganMs = performance.now();
    const everyMs = await rounds.next();
    if (rounds.good) await booksRound(role, context, role.venue);
    await role.parts.clock.sleep(Math.max(50, beganMs + everyMs - performance.now()), held.signal);
  }
}
