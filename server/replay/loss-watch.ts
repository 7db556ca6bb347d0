import { type CompiledPolicy, judgeLosses, type StageRules } from '@/server/domain/policy';
import type { ReplayAccount } from '@/server/replay/account';
import type { MarketClock } from '@/server/replay/market-clock';
import type { SymbolBook } from '@/server/replay/symbol-book';
import type { TradingControl } from '@/server/replay/trading-control';

/** Quotes that confirm a loss are at least this far apart (P-15). */
const CONFIRM_MS = 1_000;

/** Watches the day's loss as the running system does. A bar's close counts at once, a quote only when a later one confirms it. */
export class LossWatch {
  private quotedSinceMs: number | null = null;
  private fills = 0;

  constructor(
    private readonly policy: CompiledPolicy,
    private readonly stage: StageRules,
    private readonly account: ReplayAccount,
    private readonly control: TradingControl,
    private readonly clock: MarketClock,
    private readonly onStop: () => void,
  ) {}

  /** A bar of the symbol has closed. Without a holding in it or a new fill the equity is what it was. */
  onBar({ symbol }: SymbolBook): void {
    const { account } = this;
    const held = account.ledger.positions.get(symbol)?.qty ?? 0n;
    if (held === 0n && account.fills === this.fills) return;
    this.fills = account.fills;
    this.judge();
  }

  /** A quote arrived. One bad quote stops nothing; a crossed or one-sided quote does not count. */
  onQuote({ lastQuote }: SymbolBook): void {
    if (lastQuote === null || lastQuote.bid === 0n || lastQuote.ask < lastQuote.bid) return;
    const opens = this.changes().some(({ kind }) => kind === 'open');
    if (!opens) {
      this.quotedSinceMs = null;
      this.judge();
      return;
    }
    this.quotedSinceMs ??= this.clock.nowMs;
    if (this.clock.nowMs - this.quotedSinceMs >= CONFIRM_MS) this.judge();
  }

  /** A session begins: its day ends the stops that last until it, and re-arms the limits. */
  onSession(tradingDay: string): void {
    const { control, policy, stage } = this;
    control.tradingDay = tradingDay;
    control.apply(judgeLosses(policy, stage, control.causes, tradingDay, null));
  }

  private changes() {
    const { account, control, policy, stage } = this;
    const { tradingDay, causes } = control;
    const figures = { equity: account.equity(), baseline: account.dayStartEquity };
    return judgeLosses(policy, stage, causes, tradingDay, figures);
  }

  private judge(): void {
    const changes = this.changes();
    if (changes.length === 0) return;
    const before = this.control.state;
    this.control.apply(changes);
    if (this.control.state !== before && this.control.state !== 'ACTIVE') this.onStop();
  }
}
