import { staleSince } from '@/server/application/market/staleness';
import { NO_SYMBOL } from '@/server/application/market/tally';
import type { MarketStream } from '@/server/application/ports/market-data';
import type { RoleContext } from '../../runtime/role';
import type { MarketClockReader } from '../market-clock';
import type { MarketIntake } from './intake';

/** Figures are written this often. */
const WRITE_MS = 2_000;
/** A minute that is owed longer than this, wall time, is a person's matter. */
const GAP_ALERT_MS = 60_000;
/** A stream that answers pings and tells nothing for so long while the market is open is connected anew. */
const SILENT_MS = 60_000;

const STALE = 'DATA_STALE_SYMBOL';
const GAP = 'DATA_GAP';

/** Watches over what comes in: staleness and gaps by symbol as alerts that resolve themselves, counts for the console. */
export class MarketWatch {
  private readonly expectedFrom = new Map<string, number>();
  private readonly lackingSince = new Map<string, number>();
  /** What was last told of an alert: open or not. */
  private readonly told = new Map<string, boolean>();
  private readonly sinceMs: number;
  private writtenMs = Number.NEGATIVE_INFINITY;
  private wasOpen = false;

  constructor(
    private readonly role: RoleContext,
    private readonly clock: MarketClockReader,
    private readonly intake: MarketIntake,
  ) {
    this.sinceMs = role.parts.clock.nowMs();
  }

  /** One look; what could not be written is written at the next. */
  async look(symbols: readonly string[], stream: MarketStream): Promise<void> {
    this.expect(symbols);
    this.heed(symbols, stream);
    if (performance.now() - this.writtenMs < WRITE_MS) return;
    this.writtenMs = performance.now();
    const { status, log } = this.role;
    status['market'] = this.intake.info(symbols.length);
    try {
      await this.alerts(symbols);
      await this.figures(symbols);
    } catch (error) {
      log.debug({ err: error }, 'how market data comes in could not be written');
    }
  }

  /** From the open, or from when a symbol was subscribed to, its quotes are to be expected. */
  private expect(symbols: readonly string[]): void {
    const nowMs = this.clock.now();
    if (nowMs === null) return;
    const opened = this.clock.isOpen && !this.wasOpen;
    this.wasOpen = this.clock.isOpen;
    for (const symbol of [...this.expectedFrom.keys()]) if (!symbols.includes(symbol)) this.expectedFrom.delete(symbol);
    for (const symbol of symbols) if (opened || !this.expectedFrom.has(symbol)) this.expectedFrom.set(symbol, nowMs);
  }

  private heed(symbols: readonly string[], stream: MarketStream): void {
    const { intake, clock } = this;
    if (!clock.isOpen || symbols.length === 0 || intake.stream.state !== 'connected')
      intake.heardMs = performance.now();
    if (performance.now() - intake.heardMs < SILENT_MS) return;
    intake.heardMs = performance.now();
    stream.restart(`silent: nothing told for ${SILENT_MS / 1_000} s while the market is open`);
  }

  private async alerts(symbols: readonly string[]): Promise<void> {
    const { tally, bars } = this.intake;
    const nowMs = this.clock.now();
    for (const symbol of new Set([...symbols, ...[...this.told.keys()].map((key) => key.split(' ')[1] ?? '')])) {
      const subscribed = symbols.includes(symbol);
      const figures = tally.of(symbol);
      const expectedFromMs = this.expectedFrom.get(symbol);
      figures.staleSinceMs =
        !subscribed || expectedFromMs === undefined
          ? null
          : staleSince({ ...figures, expectedFromMs }, nowMs, this.clock.isOpen, this.clock.speed);
      figures.missing = subscribed ? bars.missing(symbol) : 0;
      await this.tell(STALE, symbol, figures.staleSinceMs === null ? null : `no quote of ${symbol}`, {
        since: figures.staleSinceMs,
      });
      const owed = this.owedTooLong(symbol, figures.missing);
      await this.tell(GAP, symbol, owed ? `the source owes bars of ${symbol}: later ones wait` : null, {});
    }
  }

  private owedTooLong(symbol: string, missing: number): boolean {
    if (missing === 0) {
      this.lackingSince.delete(symbol);
      return false;
    }
    const sinceMs = this.lackingSince.get(symbol) ?? performance.now();
    this.lackingSince.set(symbol, sinceMs);
    return performance.now() - sinceMs > GAP_ALERT_MS;
  }

  /** The first word on a symbol is said aloud: an alert may be left from whoever held the lease before. */
  private async tell(
    kind: string,
    symbol: string,
    message: string | null,
    data: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const key = `${kind} ${symbol}`;
    const open = message !== null;
    if (this.told.get(key) === open) return;
    if (open) await this.role.parts.alerts.open(kind, symbol, message, data);
    else await this.role.parts.alerts.resolve(kind, symbol);
    this.told.set(key, open);
  }

  private async figures(symbols: readonly string[]): Promise<void> {
    const { tally } = this.intake;
    for (const symbol of symbols) tally.of(symbol);
    const rows = [...tally.symbols].map(([symbol, each]) => ({
      symbol,
      subscribed: symbol !== NO_SYMBOL && symbols.includes(symbol),
      tally: each,
    }));
    await this.role.parts.market.writeHealth(rows, this.sinceMs);
  }
}
