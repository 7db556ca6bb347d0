import { readStoredPolicy } from '@/server/contracts/policy-body';
import type { HaltScope, ScenarioHeader, ScenarioLine, ScenarioLineOf } from '@/server/contracts/scenario';
import { newYorkDate } from '@/server/domain/calendar';
import type { Bar } from '@/server/domain/exchange/types';
import { compilePolicy, DEFAULT_POLICY_BODY, overridePolicy, STAGES } from '@/server/domain/policy';
import { GATE_RULE_TABLE, POLICY_RULE_TABLE } from '@/server/domain/policy/rule-table';
import { tradingDayAt } from '@/server/domain/position/trading-day';
import type { SignalCandidate } from '@/server/domain/strategy/types';
import { formatMoney, formatUnits, unitsToMoney } from '@/server/kernel/money';
import { ReplayAccount } from '@/server/replay/account';
import { brokerInput } from '@/server/replay/broker-input';
import { type Comparison, checkExpectation } from '@/server/replay/expectations';
import { GateContext } from '@/server/replay/gate-context';
import { Gatekeeper } from '@/server/replay/gatekeeper';
import { Journal, type JournalSink } from '@/server/replay/journal';
import { LossWatch } from '@/server/replay/loss-watch';
import { MarketClock } from '@/server/replay/market-clock';
import { OrderEntry } from '@/server/replay/order-entry';
import { OrderManager } from '@/server/replay/order-manager';
import { belongsTo } from '@/server/replay/scopes';
import { SessionTimer } from '@/server/replay/session-timer';
import { openingOf, SignalTrades, type TradeRules } from '@/server/replay/signal-trades';
import { StrategyRunner, type StrategySetup } from '@/server/replay/strategy-runner';
import { markOf, type SymbolBook, SymbolBooks } from '@/server/replay/symbol-book';
import { type Author, TradingControl } from '@/server/replay/trading-control';
import type { RefusedLine } from '@/server/replay/working-order';

export type ReplayEvent = Exclude<ScenarioLine, { type: 'expect' }>;

export interface ReplayCounts {
  readonly events: number;
  readonly bars: number;
  /** Bars that overlap a session (or a market opened by hand). */
  readonly barsInSession: number;
  readonly fills: number;
}

/**
 * Runs a scenario on a virtual clock with the domain code of the running system. Feed it events in order of time, ask
 * expectations between them, and `finish`. The same events give the same journal, byte for byte.
 */
export class ReplayEngine {
  /** Why the last event was refused; `null` when it was not. */
  refusal: RefusedLine | null = null;
  readonly account: ReplayAccount;
  readonly orderManager: OrderManager;
  readonly gatekeeper: Gatekeeper;
  private readonly books = new SymbolBooks();
  private readonly clock: MarketClock;
  private readonly journal: Journal;
  private readonly control: TradingControl;
  private readonly entry: OrderEntry;
  private readonly sessions: SessionTimer;
  private readonly strategies: StrategyRunner;
  private readonly losses: LossWatch;
  private readonly watchesLosses: boolean;
  private readonly trades: SignalTrades | null;
  private nextTimerMs: number;
  private events = 0;
  private bars = 0;
  private barsInSession = 0;

  constructor(
    private readonly header: ScenarioHeader,
    strategies: readonly StrategySetup[],
    sink: JournalSink,
    /** Symbols that the scenario has trade bars, and bars of both sides, of. */
    bars: { readonly trades: ReadonlySet<string>; readonly quotes: ReadonlySet<string> } = NO_BARS,
    /** How signals are traded without policy; by default policy decides. */
    rules: TradeRules | null = null,
  ) {
    const { exchange, stage } = header;
    this.clock = new MarketClock(header.start);
    this.journal = new Journal(sink);
    this.control = new TradingControl(this.clock, this.journal);
    const fees = { feePerShare: exchange.fee_per_share, feeMin: unitsToMoney(exchange.fee_min) };
    this.account = new ReplayAccount(unitsToMoney(header.cash), fees, (symbol) => markOf(this.books.of(symbol)));
    const terms = {
      mode: exchange.mode,
      participation: exchange.participation ?? null,
      impactBps: exchange.impact_bps ?? null,
    };
    this.orderManager = new OrderManager(terms, this.books, bars, this.clock, this.account, this.journal, {
      onBreak: (symbol, id, cause) => this.control.openBreak(symbol, id, cause),
      onReduceTrading: (id) => {
        this.control.overfilled(id);
        this.onStopped();
      },
    });
    const policy = compilePolicy(overridePolicy(SCENARIO_POLICY, policyOf(header)), 0);
    const options = {
      scripted: exchange.mode === 'scripted',
      stage,
      policy,
      matchesOwnOrders: header.policy.self_match === true,
    };
    const context = new GateContext(options, this.books, this.clock, this.account, this.orderManager, this.control);
    this.gatekeeper = new Gatekeeper(context, this.control, this.clock, this.journal);
    this.entry = new OrderEntry(header.gate, this.orderManager, this.gatekeeper, this.clock, this.books, this.account);
    const { account, control, clock } = this;
    control.tradingDay = tradingDayAt({ marketTimeMs: header.start, isOpen: clock.isOpen() }, null);
    this.losses = new LossWatch(policy, STAGES[stage], account, control, clock, () => this.onStopped());
    this.watchesLosses = header.gate === 'on' && header.policy.latches !== false;
    this.sessions = new SessionTimer(this.clock, STAGES[stage].flatBeforeCloseMs, {
      onOpen: (closingEquity) => {
        if (closingEquity !== null) this.account.dayStartEquity = closingEquity;
        this.account.openedFills = 0n;
        this.losses.onSession(newYorkDate(this.clock.nowMs));
      },
      onClose: () => this.account.equity(),
      onFlatten: () => this.entry.flatten(),
    });
    this.trades = rules === null ? null : new SignalTrades(rules, fees, this.entry, this.books, this.account);
    this.strategies = new StrategyRunner(strategies, (candidate) => this.onSignal(candidate));
    this.nextTimerMs = this.sessions.nextMs;
    this.writeStart();
  }

  get nowMs(): number {
    return this.clock.nowMs;
  }

  /** Applies one event. Its time must not lie before the last one's. */
  apply(event: ReplayEvent): void {
    if (event.type === 'bar') {
      const { at, symbol, open, high, low, close, volume, period_s } = event;
      this.bar({ symbol, open, high, low, close, volume, startMs: at - period_s * 1000, endMs: at });
      return;
    }
    this.refusal = null;
    this.events += 1;
    if (event.type === 'quote_bar') {
      this.quoteBar(event);
      return;
    }
    this.advanceTo(event.at);
    this.refusal = this.dispatch(event);
    if (this.refusal !== null) {
      const id = 'id' in event ? event.id : undefined;
      const signalId = 'signal_id' in event ? event.signal_id : undefined;
      const codes = [...this.refusal.codes].sort();
      this.journal.write(this.nowMs, 'refused', { codes, event: event.type, id, signal_id: signalId ?? undefined });
    }
    this.rescheduleTimers();
  }

  /** A trade bar: the hot path. Fills come first (the bar is past), then the mark, then strategies. */
  bar(bar: Bar): void {
    this.refusal = null;
    this.events += 1;
    this.bars += 1;
    const book = this.books.of(bar.symbol);
    const trading = this.clock.tradesDuring(bar.startMs, bar.endMs);
    if (trading) this.barsInSession += 1;
    if (trading && this.trades?.waits(bar.symbol)) {
      this.advanceTo(Math.max(this.nowMs, bar.startMs));
      this.trades.atOpen(book, bar);
      this.rescheduleTimers();
    }
    const matching = trading && book.resting.length > 0;
    const matched =
      bar.endMs > this.nextTimerMs &&
      this.advanceThrough(bar.startMs, bar.endMs, matching, () => this.orderManager.exchange.onBar(book, bar));
    this.clock.nowMs = bar.endMs;
    if (matching && !matched) this.orderManager.exchange.onBar(book, bar);
    book.lastBar = bar;
    if (matching) this.rescheduleTimers();
    if (this.watchesLosses) this.losses.onBar(book);
    if (trading) this.strategies.onBar(bar);
  }

  /** Moves the clock, firing the timers that lie before `atMs`. Those of `atMs` itself wait for all its lines. */
  advanceTo(atMs: number): void {
    while (this.nextTimerMs < atMs) this.fireTimers();
    this.clock.nowMs = atMs;
  }

  /** Closes every position at the last price, as the market stands. */
  closeAll(): void {
    this.entry.flatten();
    this.rescheduleTimers();
  }

  /** Closes the position in a symbol at the opening price of a bar that is applied next. */
  closeAtOpen(bar: Bar): void {
    this.advanceTo(Math.max(this.nowMs, bar.startMs));
    this.books.of(bar.symbol).lastBar = openingOf(bar);
    this.entry.closePosition(bar.symbol);
    this.rescheduleTimers();
  }

  /** Judges one expect line now. */
  check(line: ScenarioLineOf<'expect'>): Comparison[] {
    if (line.at !== undefined) this.advanceTo(line.at);
    const { orders } = this.orderManager;
    return checkExpectation(line, {
      orders,
      signals: this.gatekeeper.signals,
      account: this.account,
      refusal: this.refusal,
      state: this.control.state,
      unprotected: this.orderManager.protection.unprotected(),
    });
  }

  /** Fires what is due at the last line's time and closes the journal. */
  finish(): ReplayCounts {
    while (this.nextTimerMs <= this.nowMs) this.fireTimers();
    const counts: ReplayCounts = {
      events: this.events,
      bars: this.bars,
      barsInSession: this.barsInSession,
      fills: this.account.fills,
    };
    const { ledger } = this.account;
    this.journal.write(this.nowMs, 'end', {
      bars: counts.bars,
      bars_in_session: counts.barsInSession,
      cash: formatMoney(ledger.cash),
      equity: formatMoney(this.account.equity()),
      events: counts.events,
      fees: formatMoney(ledger.fees),
      fills: counts.fills,
      positions: Object.fromEntries(
        [...ledger.positions.values()]
          .filter(({ qty }) => qty !== 0n)
          .map(({ symbol, qty }) => [symbol, formatUnits(qty)]),
      ),
    });
    return counts;
  }

  private dispatch(event: Exclude<ReplayEvent, { type: 'bar' | 'quote_bar' }>): RefusedLine | null {
    switch (event.type) {
      case 'quote':
        return this.quote(event);
      case 'session':
        this.clock.setOverride(event.market_open);
        this.journal.write(this.nowMs, 'session', { market_open: event.market_open });
        return null;
      case 'signal': {
        const { at: _at, type: _type, strategy, principal, ...request } = event;
        this.gatekeeper.evaluate(request, { strategy, principal });
        return null;
      }
      case 'approve':
        return this.entry.settle(this.gatekeeper.approve(event.signal_id, event.by, event.reason), event.signal_id);
      case 'decline':
        return this.gatekeeper.decline(event.signal_id, event.by, event.reason);
      case 'order':
        return this.entry.line(event);
      case 'cancel':
        return this.entry.cancel(event.id);
      case 'broker':
        return this.orderManager.apply(event.id, brokerInput(event, this.events));
      case 'status':
        this.control.setStatus(event.symbol, event.status);
        this.books.of(event.symbol).halted = event.status === 'halted';
        return null;
      case 'halt':
        if (event.scope !== undefined) return this.haltScope(event.scope, 'HALTED', event);
        this.control.halt(event.by, event.reason);
        this.orderManager.cancelAll();
        return null;
      case 'reduce': {
        if (event.scope !== undefined) return this.haltScope(event.scope, 'REDUCING', event);
        const refusal = this.control.reduce(event.by, event.reason);
        if (refusal === null) this.onStopped();
        return refusal;
      }
      case 'release':
        if (event.scope !== undefined) return this.control.releaseScope(event.scope, event);
        this.control.release(event.by, event.reason);
        return null;
    }
  }

  /** The opening orders of the scope are cancelled, never its stops (H-6). */
  private haltScope(scope: HaltScope, state: 'HALTED' | 'REDUCING', author: Author): null {
    this.control.haltScope(scope, state, author);
    this.orderManager.cancelOpening(({ state: { symbol }, placement: { signalId } }) => {
      const { strategy = '', principal = '' } =
        (signalId === null ? undefined : this.gatekeeper.signals.get(signalId)) ?? {};
      return belongsTo(scope, { symbol, strategy, principal });
    });
    return null;
  }

  private quoteBar(event: ScenarioLineOf<'quote_bar'>): void {
    const startMs = event.at - event.period_s * 1000;
    const { symbol, bid, ask, at: endMs } = event;
    const book = this.books.of(symbol);
    const bar = { symbol, bid, ask, startMs, endMs };
    const matching = this.clock.tradesDuring(startMs, endMs) && book.resting.length > 0;
    const matched = this.advanceThrough(startMs, endMs, matching, () =>
      this.orderManager.exchange.onQuoteBar(book, bar),
    );
    this.clock.nowMs = endMs;
    if (matching && !matched) this.orderManager.exchange.onQuoteBar(book, bar);
    this.storeQuote(book, { symbol, bid: bid.close, ask: ask.close, bidSize: 0n, askSize: 0n, atMs: endMs });
    if (this.watchesLosses) this.losses.onBar(book);
    this.rescheduleTimers();
  }

  private quote(event: ScenarioLineOf<'quote'>): null {
    const { symbol, bid, ask, bid_size: bidSize, ask_size: askSize, at: atMs } = event;
    const book = this.books.of(symbol);
    this.storeQuote(book, { symbol, bid, ask, bidSize, askSize, atMs });
    const open = this.clock.isOpen();
    if (open) this.orderManager.exchange.onQuote(book);
    if (this.watchesLosses) this.losses.onQuote(book);
    this.strategies.onTick(symbol, atMs);
    return null;
  }

  private storeQuote(book: SymbolBook, quote: NonNullable<SymbolBook['lastQuote']>): void {
    book.lastQuote = quote;
    book.takenAsk = 0n;
    book.takenBid = 0n;
  }

  private onSignal(candidate: SignalCandidate): void {
    const { signalId, symbol, action, strategy } = candidate;
    this.gatekeeper.propose(candidate);
    this.journal.write(this.nowMs, 'signal', {
      action,
      confidence: candidate.confidence,
      signal_id: signalId,
      size_pct: candidate.sizePct,
      strategy,
      symbol,
    });
    if (this.trades === null) this.entry.signal(candidate);
    else this.trades.signal(candidate);
    this.rescheduleTimers();
  }

  /** Trading was stopped: a halt cancels everything, otherwise what opens risk is cancelled (P-16). */
  private onStopped(): void {
    if (this.control.state === 'HALTED') this.orderManager.cancelAll();
    else this.orderManager.cancelOpening();
    this.rescheduleTimers();
  }

  /**
   * Fires the timers before `endMs`. A bar that began before one of them may still fill what that timer would expire,
   * so it is matched first, at the timer's time. Returns whether it was.
   */
  private advanceThrough(startMs: number, endMs: number, matching: boolean, match: () => void): boolean {
    let matched = false;
    while (this.nextTimerMs < endMs) {
      if (matching && !matched && startMs < this.nextTimerMs) {
        this.clock.nowMs = this.nextTimerMs;
        match();
        matched = true;
        this.rescheduleTimers();
      } else this.fireTimers();
    }
    return matched;
  }

  /** Everything that is due at the next timer's time, in a fixed order. */
  private fireTimers(): void {
    this.clock.nowMs = Math.max(this.clock.nowMs, this.nextTimerMs);
    this.sessions.flattenIfDue();
    this.orderManager.expireDue();
    this.orderManager.protection.fireDue();
    this.gatekeeper.expireDue();
    this.sessions.turnIfDue();
    this.rescheduleTimers();
  }

  private rescheduleTimers(): void {
    const { sessions, orderManager, gatekeeper } = this;
    this.nextTimerMs = Math.min(
      sessions.nextMs,
      orderManager.nextExpiryMs,
      orderManager.protection.nextMs,
      gatekeeper.nextExpiryMs,
    );
  }

  private writeStart(): void {
    const { name, stage, gate, exchange, cash } = this.header;
    this.journal.write(this.nowMs, 'start', { cash: formatUnits(cash), gate, mode: exchange.mode, name, stage });
  }
}

const NO_BARS = { trades: new Set<string>(), quotes: new Set<string>() };

/** Thresholds of the rules that came after the first release. */
const LATER_THRESHOLDS: ReadonlySet<string> = new Set(
  [...POLICY_RULE_TABLE, ...GATE_RULE_TABLE].flatMap(({ since, threshold }) =>
    since > 1 && threshold !== null ? [threshold] : [],
  ),
);

/** A scenario's policy does not name them, so their rules are off unless its header does. */
const SCENARIO_POLICY = readStoredPolicy(
  Object.fromEntries(Object.entries(DEFAULT_POLICY_BODY).filter(([field]) => !LATER_THRESHOLDS.has(field))),
);

/** The policy fields that a header states. */
function policyOf({ policy: { latches: _latches, self_match: _selfMatch, ...fields } }: ScenarioHeader) {
  return fields;
}
