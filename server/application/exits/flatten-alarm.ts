import type { AlertStore } from '@/server/application/ports/alert-store';
import type { VenueInfo } from '@/server/application/ports/broker';
import { sessionAt } from '@/server/domain/calendar';
import { STAGES } from '@/server/domain/policy/stages';
import { type Clock, monotonicMs } from '@/server/kernel/clock';
import type { RolloutStage } from '@/server/kernel/vocabulary';
import type { FlattenCheck } from './flatten-before-close';

/** Something held this near to the close is for a person, market ms. */
const HELD_BEFORE_CLOSE_MS = 2 * 60_000;
/** So many looks in a row that failed are no hiccup. */
const FAILED_LOOKS = 3;
/** A look that fails this soon after the close leaves open whether something is held overnight, wall ms. */
const AFTER_CLOSE_MS = 60_000;
const KIND = 'CLOSE_AT_BELL';
const SUBJECT = 'positions';

/** Calls a person where the close before the bell does not come about: something stays held, or nobody knows whether it does. */
export class FlattenAlarm {
  /** One may be open from a worker before this one. */
  private mayBeOpen = true;
  private failures = 0;
  /** Monotonic time of the close as the broker's clock gave it last. */
  private closeAtMs: number | null = null;

  constructor(
    private readonly alerts: AlertStore,
    private readonly clock: Clock,
    private readonly environment: VenueInfo['environment'],
  ) {}

  /** The close by the broker's clock, monotonic ms; null: there is none. */
  readonly setClose = (closeAtMs: number | null): void => {
    this.closeAtMs = closeAtMs;
  };

  /** A look that came to its end. */
  async checked(stage: RolloutStage, { dueInMs, left, obstacle }: FlattenCheck): Promise<void> {
    this.failures = 0;
    const late = dueInMs !== null && dueInMs + flatBeforeMs(stage) <= HELD_BEFORE_CLOSE_MS;
    if (left.length > 0 && late) {
      const why = obstacle === null ? '' : `; ${obstacle}`;
      const message = `${left.join(', ')} still held shortly before the close: stage ${stage} keeps nothing overnight${why}`;
      await this.open(message, { symbols: left });
    } else if (left.length === 0 && this.mayBeOpen && dueInMs !== null) {
      await this.alerts.resolve(KIND, SUBJECT);
      this.mayBeOpen = false;
    }
  }

  /** A look that failed. */
  async failed(stage: RolloutStage): Promise<void> {
    this.failures += 1;
    if (this.failures < FAILED_LOOKS || !this.closes(flatBeforeMs(stage))) return;
    const message = `What is held is not known shortly before the close: the broker cannot be asked. Stage ${stage} keeps nothing overnight`;
    await this.open(message, { failures: this.failures });
  }

  private async open(message: string, data: Readonly<Record<string, unknown>>): Promise<void> {
    this.mayBeOpen = true;
    await this.alerts.open(KIND, SUBJECT, message, data);
  }

  /** Whether the close is near by what the broker said last, or by the calendar: it may have been silent since before the open. */
  private closes(withinMs: number): boolean {
    const near = (inMs: number) => inMs <= withinMs && inMs > -AFTER_CLOSE_MS;
    if (this.closeAtMs !== null && near(this.closeAtMs - monotonicMs(this.clock))) return true;
    // A simulator's time is its own.
    if (this.environment === 'SIM') return false;
    const nowMs = this.clock.nowMs();
    const session = sessionAt(nowMs);
    return session !== null && near(session.closeMs - nowMs);
  }
}

const flatBeforeMs = (stage: RolloutStage): number => STAGES[stage].flatBeforeCloseMs ?? 0;
