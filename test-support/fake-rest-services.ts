import type { RestReads, RestServices } from '@/server/api/rest/services';
import type { Commands, TradingStateView } from '@/server/application/commands';
import type { Placement } from '@/server/application/placing/placement';
import type { TokenVerdict } from '@/server/auth/tokens';
import { SCOPES, type Scope } from '@/server/contracts/access';
import type { Actor } from '@/server/kernel/actor';
import type { Outcome, Refusal } from '@/server/kernel/outcome';

/** The one token that {@link FakeServices} knows. */
export const TOKEN = `cs_${'a'.repeat(43)}`;

export const ORDER = {
  signal_id: '00000000-0000-4000-8000-000000000000',
  symbol: 'AAPL',
  side: 'BUY',
  qty: 10,
  order_type: 'MARKET',
};

export const POLICY_REQUEST = {
  signal_id: '00000000-0000-4000-8000-000000000000',
  symbol: 'AAPL',
  candidate_action: 'BUY',
  confidence: 0.71,
  size_pct: 0.02,
  market_context: { data_age_seconds: 12, market_open: true, event_blackout_active: false },
  portfolio_context: { gross_exposure_pct: 0.25, daily_drawdown_pct: 0.01 },
};

const NOTHING: Refusal = { ok: false, code: 'NOT_FOUND', message: 'not in this test' };
const AT = '2026-01-05T15:00:00.000Z';

/** Services for tests of the REST edge: hand-written, in memory, recording each command that would write. */
export class FakeServices implements RestServices {
  readonly writes: string[] = [];
  readonly faults: unknown[] = [];
  scopes: ReadonlySet<Scope> = new Set(SCOPES);
  placement: Placement = { kind: 'PLACED', orderId: 'an order', reasons: [], reply: '{}', replayed: false };
  acknowledged = true;
  /** Thrown by every command when set. */
  failure: Error | null = null;

  readonly verifyToken = async (token: string): Promise<TokenVerdict> => {
    if (token !== TOKEN) return { ok: false, reason: 'unknown' };
    return { ok: true, identity: { tokenId: 't', tokenName: 'test', bot: {}, userId: 'u', scopes: this.scopes } };
  };

  readonly onFault = (error: unknown): void => {
    this.faults.push(error);
  };

  readonly generateSignal: RestServices['generateSignal'] = async (_actor, { symbol }) => {
    this.write('generateSignal');
    const candidate = {
      signal_id: ORDER.signal_id,
      symbol,
      candidate_action: 'BUY',
      confidence: 0.7,
      size_pct: 0.02,
      model_version: 'v',
    } as const;
    return { ok: true, candidate };
  };

  readonly submitSignal: RestServices['submitSignal'] = async () => {
    this.write('submitSignal');
    return { ok: true, signalId: ORDER.signal_id };
  };

  readonly reads: RestReads = {
    signals: async () => ({ items: [], nextCursor: null }),
    signal: async () => null,
    orders: async () => ({ items: [], nextCursor: null }),
    order: async () => null,
    approvals: async () => ({ items: [], nextCursor: null }),
    approval: async () => null,
    portfolio: async () => ({ account: null, positions: [], exposure: null, day_pnl: null }),
    readiness: async () => {
      const component = { status: 'ok', detail: '', age_seconds: null } as const;
      return {
        status: 'ready',
        components: { database: component, migrations: component, worker: component, portfolio: component },
      };
    },
    market: { quote: async () => null, bars: async () => null, features: async () => null },
  };

  readonly commands: Commands = {
    evaluateCandidate: async () => {
      this.write('evaluateCandidate');
      return {
        ok: true,
        response: {
          decision: 'APPROVE',
          reasons: [],
          approved_size_pct: 0.01,
          expires_at: AT,
          evaluation_id: ORDER.signal_id,
          policy_version: 1,
          input_hash: '',
          not_evaluated: [],
        },
      };
    },
    placeOrder: async () => {
      this.write('placeOrder');
      return this.placement;
    },
    placeSignal: async () => {
      this.write('placeSignal');
      return this.placement;
    },
    cancelOrder: async () => this.refuse('cancelOrder'),
    closeUnknownOrder: async () => {
      this.write('closeUnknownOrder');
      return { ok: true, status: 'CANCELLED' };
    },
    approve: async () => this.refuse('approve'),
    checkApproval: async () => NOTHING,
    reject: async () => this.refuse('reject'),
    rejectMany: async () => [],
    halt: (actor, reason) => this.change('HALTED', actor, reason),
    reduce: (actor, reason) => this.change('REDUCING', actor, reason),
    release: async () => this.refuse('release'),
    tradingState: async () => this.view('ACTIVE', 'system', ''),
    withdrawExit: async () => this.refuse('withdrawExit'),
    closePosition: async () => this.refuse('closePosition'),
    stopBot: async () => this.refuse('stopBot'),
    acknowledgeAlert: async () => this.refuse('acknowledgeAlert'),
    flattenAll: async () => this.refuse('flattenAll'),
    resolveBreak: async () => this.refuse('resolveBreak'),
    signInitialBalances: async () => this.refuse('signInitialBalances'),
    requestTieOut: async () => this.refuse('requestTieOut'),
    requestDrill: async () => this.refuse('requestDrill'),
    strategies: async () => [],
    setStrategy: async () => this.refuse('setStrategy'),
    addMarketEvent: async () => this.refuse('addMarketEvent'),
    removeMarketEvent: async () => this.refuse('removeMarketEvent'),
    restoreMarketEvent: async () => this.refuse('restoreMarketEvent'),
    importMarketEvents: async () => ({ added: 0, same: 0, faults: [], events: [] }),
    reasoningSettings: async () => {
      throw new Error('no console here');
    },
    setReasoningLimits: async () => this.refuse('setReasoningLimits'),
    setModelPrice: async () => this.refuse('setModelPrice'),
    removeModelPrice: async () => this.refuse('removeModelPrice'),
  };

  private write(what: string): void {
    if (this.failure !== null) throw this.failure;
    this.writes.push(what);
  }

  private refuse(what: string): Refusal {
    this.write(what);
    return NOTHING;
  }

  private async change(
    state: 'HALTED' | 'REDUCING',
    actor: Actor,
    reason: string,
  ): Promise<Outcome<{ view: TradingStateView }>> {
    this.write(state);
    return { ok: true, view: this.view(state, actor.name, reason) };
  }

  private view(state: TradingStateView['state'], changedBy: string, reason: string): TradingStateView {
    const halt = {
      id: ORDER.signal_id,
      requestedAt: AT,
      acknowledgedAt: this.acknowledged ? AT : null,
      verifiedAt: null,
      progress: {},
    };
    const cause = {
      cause: 'PERSON',
      state: 'HALTED',
      reason,
      openedBy: changedBy,
      openedAt: AT,
      untilNextSession: false,
    } as const;
    return {
      state,
      version: '2',
      changedAt: AT,
      changedBy,
      reason,
      halt: state === 'HALTED' ? halt : null,
      causes: state === 'ACTIVE' ? [] : [{ ...cause, state }],
    };
  }
}
