import type { TradingState } from '@/server/kernel/vocabulary';
import type { Journal } from '@/server/replay/journal';
import type { MarketClock } from '@/server/replay/market-clock';
import type { RefusedLine } from '@/server/replay/order-manager';

/** The kill switch of a replay, and the breaks that policy asks for. */
export class TradingControl {
  state: TradingState = 'ACTIVE';
  /** Symbols with an unresolved break. */
  readonly breaks = new Set<string>();

  constructor(
    private readonly clock: MarketClock,
    private readonly journal: Journal,
  ) {}

  halt(by: string | undefined, reason: string | undefined): void {
    this.change('HALTED', by, reason);
  }

  /** Only a release loosens a halt. */
  reduce(by: string | undefined, reason: string | undefined): RefusedLine | null {
    if (this.state === 'HALTED') {
      return { codes: ['InvalidTransition'], message: 'trading is halted: only a release loosens it' };
    }
    this.change('REDUCING', by, reason);
    return null;
  }

  /** A person releases only what has been looked into: open breaks are resolved with the reason given. */
  release(by: string | undefined, reason: string | undefined): void {
    this.breaks.clear();
    this.change('ACTIVE', by, reason);
  }

  /** Makes the state at least as strict; done by the system, not by a person. */
  tighten(state: 'REDUCING' | 'HALTED', reason: string): void {
    if (this.state !== 'HALTED' && this.state !== state) this.change(state, undefined, reason);
  }

  openBreak(symbol: string, orderId: string, cause: string): void {
    this.breaks.add(symbol);
    this.journal.write(this.clock.nowMs, 'break', { cause, id: orderId, symbol });
  }

  private change(state: TradingState, by: string | undefined, reason: string | undefined): void {
    this.state = state;
    this.journal.write(this.clock.nowMs, 'trading_state', { by, reason, state });
  }
}
