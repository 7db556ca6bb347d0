import type { BrokerClock, VenueInfo } from '@/server/application/ports/broker';
import type { Held, RoleContext } from '../runtime/role';

/** A broker limits our requests (MESSAGE_RATE); bars need a clock that was read within 4 s. */
const POLL_MS = { SIM: 1_000, PAPER: 3_000, LIVE: 3_000 } as const;
/** Market time. A clock that is set a little is no other market. */
const BACK_MS = 60_000;
/** An answer is on its way for at most this long. */
const MOST_TRANSIT_MS = 100;

/** The broker's clock as last seen, run on at the market's speed. */
export class MarketClockReader {
  private readonly role: RoleContext;
  private venue: VenueInfo;
  private seen: { clock: BrokerClock; atMs: number } | null = null;
  /** Market time from which the market has been seen closed. */
  private closedMs: number | null = null;
  private reset = false;

  constructor(role: RoleContext) {
    this.role = role;
    this.venue = role.venue;
  }

  get speed(): number {
    return this.venue.speed;
  }

  /** Everything the venue quotes; null where that is too much to list. */
  get symbols(): readonly string[] | null {
    return this.venue.symbols;
  }

  get roundTheClock(): boolean {
    return this.venue.roundTheClock;
  }

  get isOpen(): boolean {
    return this.seen?.clock.isOpen === true;
  }

  /** Market time of the close that was seen, while the market is closed; else null. */
  closedFromMs(): number | null {
    return this.closedMs;
  }

  /** Market time now, epoch ms; null before the broker answered. */
  now(): number | null {
    if (this.seen === null) return null;
    return this.seen.clock.marketTimeMs + (performance.now() - this.seen.atMs) * this.venue.speed;
  }

  /** The same, if the broker has said so within so many ms; else null. */
  confirmedWithin(ms: number): number | null {
    return this.seen !== null && performance.now() - this.seen.atMs <= ms ? this.now() : null;
  }

  /** Whether the broker's time has gone back: it is another market now, and what was known of the last one misleads. */
  get clockReset(): boolean {
    return this.reset;
  }

  /** A simulator may come back with another market. */
  async readVenue(): Promise<void> {
    this.venue = await this.role.parts.venue();
  }

  /**
   * Reads the clock once and stores it. The middle of the question's time is taken for the moment of the answer; of a long
   * one its end, as it waited for its place under the rate limit before it left.
   */
  async poll(): Promise<void> {
    const { parts } = this.role;
    const askedMs = performance.now();
    const clock = await parts.broker.clock();
    const answeredMs = performance.now();
    const atMs = answeredMs - Math.min((answeredMs - askedMs) / 2, MOST_TRANSIT_MS);
    // Closed from the first look that says so; how long before the first look of all, nobody knows.
    if (clock.isOpen) this.closedMs = null;
    else if (this.seen?.clock.isOpen === true) this.closedMs = clock.marketTimeMs;
    if (this.seen !== null && clock.marketTimeMs < this.seen.clock.marketTimeMs - BACK_MS) this.reset = true;
    this.seen = { clock, atMs };
    await parts.market.writeClock(clock, this.venue, performance.now() - atMs);
    this.role.status['marketOpen'] = clock.isOpen;
  }

  async run(held: Held): Promise<void> {
    const { parts, log, status } = this.role;
    let failing = false;
    while (!held.signal.aborted) {
      try {
        await this.poll();
        if (failing) log.info({}, "the broker's clock answers again");
        failing = false;
        status['broker'] = 'answering';
      } catch (error) {
        if (!failing) log.warn({ err: error }, "the broker's clock could not be read");
        failing = true;
        status['broker'] = 'not answering';
      }
      await parts.clock.sleep(POLL_MS[this.venue.environment], held.signal);
    }
  }
}
