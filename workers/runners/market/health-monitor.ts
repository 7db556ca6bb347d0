import { staleSince } from '@/server/application/market/staleness';
import { NO_SYMBOL } from '@/server/application/market/tally';
import type { AlertChange } from '@/server/application/ports/alert-store';
import type { MarketStream } from '@/server/application/ports/market-data';
import type { RoleContext } from '../../runtime/role';
import type { MarketClockReader } from '../market-clock';
import type { MarketIntake } from './intake';

const WRITE_INTERVAL_MS = 2_000;
/** Wall time after which a missing bar raises an alert. */
const GAP_ALERT_MS = 60_000;
/** A connected stream that delivers nothing for this long while the market is open is reconnected. */
const SILENT_MS = 60_000;

/** Shorter interruptions are reconnections. A refusal is reported at once. */
const STREAM_GRACE_MS = 5_000;

const STREAM = 'MARKET_STREAM';
const STALE = 'DATA_STALE_SYMBOL';
const GAP = 'DATA_GAP';
const STREAM_SUBJECT = 'stream';

/** Watches incoming market data: alerts for stale symbols and gaps, counts for the console, reconnection of a silent stream. */
export class MarketHealthMonitor {
  private readonly expectedFrom = new Map<string, number>();
  private readonly missingSince = new Map<string, number>();
  /** Alerts as last stored, by kind and subject: open or not. */
  private readonly stored = new Map<string, boolean>();
  private readonly sinceMs: number;
  /** Message of the open alert for the stream; empty when none is open, null before the first write. */
  private streamAlert: string | null = null;
  private writtenMs = Number.NEGATIVE_INFINITY;
  private wasOpen = false;

  constructor(
    private readonly role: RoleContext,
    private readonly clock: MarketClockReader,
    private readonly intake: MarketIntake,
  ) {
    this.sinceMs = role.parts.clock.nowMs();
  }

  /** Call it often; it writes every two seconds. A failed write is repeated with the next one. */
  async check(symbols: readonly string[], stream: MarketStream): Promise<void> {
    this.expectQuotes(symbols);
    this.restartIfSilent(symbols, stream);
    if (performance.now() - this.writtenMs < WRITE_INTERVAL_MS) return;
    this.writtenMs = performance.now();
    const { status, log } = this.role;
    status['market'] = this.intake.info(symbols.length);
    try {
      await this.write(symbols);
    } catch (error) {
      log.debug({ err: error }, 'market health could not be written');
    }
  }

  /** Quotes are expected from the open, or from the subscription if that is later. */
  private expectQuotes(symbols: readonly string[]): void {
    const nowMs = this.clock.now();
    if (nowMs === null) return;
    const opened = this.clock.isOpen && !this.wasOpen;
    this.wasOpen = this.clock.isOpen;
    for (const symbol of [...this.expectedFrom.keys()]) if (!symbols.includes(symbol)) this.expectedFrom.delete(symbol);
    for (const symbol of symbols) if (opened || !this.expectedFrom.has(symbol)) this.expectedFrom.set(symbol, nowMs);
  }

  private restartIfSilent(symbols: readonly string[], stream: MarketStream): void {
    const { intake, clock } = this;
    if (!clock.isOpen || symbols.length === 0 || intake.stream.state !== 'connected')
      intake.lastMessageMs = performance.now();
    if (performance.now() - intake.lastMessageMs < SILENT_MS) return;
    intake.lastMessageMs = performance.now();
    stream.restart(`silent: no message for ${SILENT_MS / 1_000} s while the market is open`);
  }

  /** Alerts and counts go into one transaction: readers never see one without the other. */
  private async write(symbols: readonly string[]): Promise<void> {
    const message = this.streamFault();
    const streamChanges: readonly AlertChange[] =
      message === this.streamAlert
        ? []
        : [{ kind: STREAM, subject: STREAM_SUBJECT, open: message === '' ? null : { message, data: {} } }];
    const alerts = this.alertChanges(symbols);
    const { tally } = this.intake;
    for (const symbol of symbols) tally.of(symbol);
    const rows = [...tally.symbols].map(([symbol, each]) => ({
      symbol,
      subscribed: symbol !== NO_SYMBOL && symbols.includes(symbol),
      tally: each,
    }));
    await this.role.parts.market.writeHealth(rows, this.sinceMs, [...streamChanges, ...alerts]);
    this.streamAlert = message;
    for (const { kind, subject, open } of alerts) this.stored.set(`${kind} ${subject}`, open !== null);
  }

  /** Why no market data comes; empty while it comes, or has been away only for a moment. */
  private streamFault(): string {
    const { stream } = this.intake;
    if (stream.state === 'connected') return '';
    const awayMs = this.role.parts.clock.nowMs() - Date.parse(stream.since);
    const refused = /refused/.test(stream.reason);
    if (!refused && awayMs < STREAM_GRACE_MS) return '';
    return `no market data: ${stream.reason === '' ? 'the stream has not connected yet' : stream.reason}`;
  }

  private alertChanges(symbols: readonly string[]): readonly AlertChange[] {
    const { tally, bars } = this.intake;
    const nowMs = this.clock.now();
    const known = [...this.stored.keys()].map((key) => key.split(' ')[1] ?? '');
    return [...new Set([...symbols, ...known])].flatMap((symbol) => {
      const subscribed = symbols.includes(symbol);
      const figures = tally.of(symbol);
      const expectedFromMs = this.expectedFrom.get(symbol);
      figures.staleSinceMs =
        !subscribed || expectedFromMs === undefined
          ? null
          : staleSince({ ...figures, expectedFromMs }, nowMs, this.clock.isOpen, this.clock.speed);
      figures.missing = subscribed ? bars.missing(symbol) : 0;
      const { staleSinceMs } = figures;
      const stale = staleSinceMs === null ? null : { message: `no quote of ${symbol}`, data: { since: staleSinceMs } };
      const gap = this.missingTooLong(symbol, figures.missing)
        ? { message: `the source owes bars of ${symbol}: later ones wait`, data: {} }
        : null;
      const changes: AlertChange[] = [
        { kind: STALE, subject: symbol, open: stale },
        { kind: GAP, subject: symbol, open: gap },
      ];
      return changes.filter(({ kind, subject, open }) => this.stored.get(`${kind} ${subject}`) !== (open !== null));
    });
  }

  private missingTooLong(symbol: string, missing: number): boolean {
    if (missing === 0) {
      this.missingSince.delete(symbol);
      return false;
    }
    const sinceMs = this.missingSince.get(symbol) ?? performance.now();
    this.missingSince.set(symbol, sinceMs);
    return performance.now() - sinceMs > GAP_ALERT_MS;
  }
}
