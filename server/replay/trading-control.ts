import type { HaltScope } from '@/server/contracts/scenario';
import type { SymbolStatus } from '@/server/domain/policy';
import { type CauseChange, type CauseRecord, strictestState } from '@/server/domain/policy/loss-limits';
import type { TradingCause, TradingState } from '@/server/kernel/vocabulary';
import type { Journal } from '@/server/replay/journal';
import type { MarketClock } from '@/server/replay/market-clock';
import { HaltedScopes } from '@/server/replay/scopes';
import type { RefusedLine } from '@/server/replay/working-order';

type StopState = Exclude<TradingState, 'ACTIVE'>;

/** Who changes the trading state, and why. */
export interface Author {
  readonly by?: string | undefined;
  readonly reason?: string | undefined;
}

/** The trading state of a replay with its causes (P-14), and the breaks that policy asks for. */
export class TradingControl {
  state: TradingState = 'ACTIVE';
  /** Day of the account's figures, New York. */
  tradingDay = '';
  /** Symbols with an unresolved break. */
  readonly breaks = new Set<string>();
  readonly scopes = new HaltedScopes();
  private readonly statuses = new Map<string, SymbolStatus>();
  private readonly records = new Map<TradingCause, CauseRecord>();

  constructor(
    private readonly clock: MarketClock,
    private readonly journal: Journal,
  ) {}

  /** The newest of each cause. */
  get causes(): readonly CauseRecord[] {
    return [...this.records.values()];
  }

  halt(by: string | undefined, reason: string | undefined): void {
    this.open('PERSON', 'HALTED');
    this.change('HALTED', { by, reason });
  }

  /** Only a release loosens a halt. */
  reduce(by: string | undefined, reason: string | undefined): RefusedLine | null {
    if (this.state === 'HALTED') {
      return { codes: ['InvalidTransition'], message: 'trading is halted: only a release loosens it' };
    }
    this.open('PERSON', 'REDUCING');
    this.change('REDUCING', { by, reason });
    return null;
  }

  /** Ends every open cause. Open breaks are resolved with the reason given: a person releases what has been looked into. */
  release(by: string | undefined, reason: string | undefined): void {
    this.breaks.clear();
    this.scopes.clear();
    for (const [cause, record] of this.records) this.records.set(cause, { ...record, open: false });
    this.change('ACTIVE', { by, reason });
  }

  haltScope(scope: HaltScope, state: StopState, { by, reason }: Author): void {
    this.scopes.halt(scope, state === 'REDUCING');
    this.journal.write(this.clock.nowMs, 'trading_state', { by, reason, scope, state });
  }

  releaseScope(scope: HaltScope, { by, reason }: Author): RefusedLine | null {
    if (!this.scopes.release(scope)) return { codes: ['InvalidTransition'], message: 'the scope is not halted' };
    this.journal.write(this.clock.nowMs, 'trading_state', { by, reason, scope, state: 'ACTIVE' });
    return null;
  }

  setStatus(symbol: string, status: SymbolStatus): void {
    this.statuses.set(symbol, status);
    this.journal.write(this.clock.nowMs, 'symbol_status', { status, symbol });
  }

  /** What the exchange says of a symbol. */
  statusOf(symbol: string): SymbolStatus {
    return this.statuses.get(symbol) ?? 'trading';
  }

  /** An order was filled beyond its quantity. */
  overfilled(orderId: string): void {
    this.open('OVERFILL', 'REDUCING');
    this.follow(`overfill of ${orderId}`);
  }

  /** Applies what the day's figures changed about the loss limits. */
  apply(changes: readonly CauseChange[]): void {
    for (const change of changes) {
      const record = this.records.get(change.cause);
      if (change.kind === 'open') {
        this.open(change.cause, change.state, change.untilNextSession);
        this.follow(change.reason);
      } else if (record !== undefined) {
        const changed = change.kind === 'end' ? { open: false } : { rearmed: true };
        this.records.set(change.cause, { ...record, ...changed });
        if (change.kind === 'end') this.follow(change.reason);
      }
    }
  }

  openBreak(symbol: string, orderId: string, cause: string): void {
    this.breaks.add(symbol);
    this.journal.write(this.clock.nowMs, 'break', { cause, id: orderId, symbol });
  }

  private open(cause: TradingCause, state: StopState, untilNextSession = false): void {
    const { tradingDay } = this;
    this.records.set(cause, { cause, state, open: true, tradingDay, untilNextSession, rearmed: false });
  }

  /** The state follows the causes; unlike a person's act, it is journalled only when it changes. */
  private follow(reason: string): void {
    const state = strictestState(this.records.values());
    if (state !== this.state) this.change(state, { by: undefined, reason });
  }

  private change(state: TradingState, { by, reason }: Author): void {
    this.state = state;
    this.journal.write(this.clock.nowMs, 'trading_state', { by, reason, state });
  }
}
