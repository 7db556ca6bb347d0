import { TRPCError } from '@trpc/server';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Commands } from '@/server/application/commands';
import type { AccessStore, UserRecord } from '@/server/application/ports/access';
import type { ConsoleReads } from '@/server/application/ports/console-reads';
import { hashPassword } from '@/server/auth/passwords';
import type { Role } from '@/server/kernel/vocabulary';
import type { ApiContext } from './context';
import { createCaller } from './root';

vi.mock('@/server/composition/web', () => ({ getCommands: () => undefined }));
vi.mock('@/server/composition/console', () => ({ getConsole: () => undefined }));

const ID = '11111111-1111-4111-8111-111111111111';
const PASSWORD = 'a good long password';
const VIEW = {
  state: 'HALTED',
  version: '2',
  changedAt: '2026-01-05T15:00:00.000Z',
  changedBy: 'ann',
  reason: 'r',
  halt: null,
  causes: [],
} as const;

function unasked(): never {
  throw new Error('must not be asked');
}

const SETTING = {
  strategy: 'ema-cross',
  symbol: '*',
  enabled: true,
  params: {},
  origin: 'SYMBOL',
  version: 1,
  updated_at: null,
  updated_by: null,
} as const;
const EVENT = {
  kind: 'FOMC',
  symbol: null,
  title: 'Rate decision',
  startsAt: '2026-12-09T18:45:00.000Z',
  endsAt: '2026-12-09T20:00:00.000Z',
} as const;
const NO_LIMITS = { tokens_per_day: null, dollars_per_day: null, tokens_per_signal: null, dollars_per_signal: null };
const REASONING = {
  limits: { ...NO_LIMITS, updated_at: '2026-01-05T15:00:00.000Z', updated_by: 'ann' },
  prices: [],
  today: { day: '2026-01-05', tokens: 0, dollars: '0', memos: 0 },
};

/** Commands that record what reached them. */
function fakeCommands(reached: string[]): Commands {
  const note =
    <T extends object>(name: string, answer: T) =>
    async () => {
      reached.push(name);
      return { ok: true as const, ...answer };
    };
  return {
    evaluateCandidate: unasked,
    placeOrder: unasked,
    placeSignal: unasked,
    tradingState: async () => VIEW,
    cancelOrder: note('cancelOrder', { status: 'CANCEL_PENDING' }),
    approve: note('approve', { orderId: ID }),
    checkApproval: async () => ({ ok: true, checkedAt: '2026-01-05T15:00:00.000Z', exposureAfter: null }),
    reject: note('reject', { status: 'REJECTED' as const }),
    rejectMany: async () => {
      reached.push('rejectMany');
      return [{ approvalId: ID, outcome: { ok: true, status: 'REJECTED' } }];
    },
    resolveBreak: note('resolveBreak', { status: 'RESOLVED' as const }),
    closeUnknownOrder: note('closeUnknownOrder', { status: 'CANCELLED' as const }),
    signInitialBalances: note('signInitialBalances', { status: 'SIGNED' as const }),
    requestTieOut: note('requestTieOut', { tieOutId: ID }),
    requestDrill: note('requestDrill', { drillId: ID }),
    halt: note('halt', { view: VIEW }),
    reduce: note('reduce', { view: VIEW }),
    release: note('release', { view: VIEW }),
    withdrawExit: note('withdrawExit', { status: 'WITHDRAWN' as const }),
    stopBot: note('stopBot', { cancelled: 0 }),
    acknowledgeAlert: note('acknowledgeAlert', { status: 'ACKNOWLEDGED' as const }),
    closePosition: note('closePosition', { exitId: ID }),
    flattenAll: note('flattenAll', { exitIds: [ID] }),
    strategies: async () => [],
    setStrategy: note('setStrategy', { setting: SETTING }),
    addMarketEvent: note('addMarketEvent', { id: ID }),
    removeMarketEvent: note('removeMarketEvent', { status: 'REMOVED' as const }),
    restoreMarketEvent: note('restoreMarketEvent', { status: 'RESTORED' as const }),
    importMarketEvents: unasked,
    reasoningSettings: unasked,
    setReasoningLimits: note('setReasoningLimits', { settings: REASONING }),
    setModelPrice: note('setModelPrice', { settings: REASONING }),
    removeModelPrice: note('removeModelPrice', { settings: REASONING }),
  };
}

const reads: ConsoleReads = {
  bots: async () => ({ bots: [] }),
  status: unasked,
  overview: unasked,
  orders: async () => ({ rows: [], total: 0, nextCursor: null }),
  ordersPage: async () => ({ rows: [], nextCursor: null }),
  order: async () => null,
  approvals: async () => ({ pending: [], decided: [] }),
  approval: async () => null,
  portfolio: unasked,
  curve: unasked,
  activePolicy: async () => null,
  decisions: async () => ({ rows: [], nextCursor: null }),
  signals: async () => ({ rows: [], nextCursor: null }),
  signal: async () => null,
  system: unasked,
  alerts: async () => ({ rows: [], total: 0 }),
  drills: async () => [],
  drill: async () => null,
  reconciliation: unasked,
  breaks: async () => ({ rows: [], total: 0 }),
  break: async () => null,
  tieOuts: async () => [],
  tieOut: async () => null,
  market: async () => [],
  marketSymbol: async () => null,
  chart: unasked,
  marketEvents: async () => ({ rows: [], total: 0 }),
  reasoning: unasked,
  calibration: unasked,
  memos: async () => [],
  memo: async () => null,
  audit: async () => ({ rows: [], nextBefore: null }),
};

describe('authorisation of the router', () => {
  let user: UserRecord;
  beforeAll(async () => {
    const passwordHash = await hashPassword(PASSWORD);
    user = {
      id: ID,
      email: 'ann@example.test',
      name: 'Ann',
      role: 'ADMIN',
      passwordHash,
      sessionVersion: 1,
      disabled: false,
    };
  });

  const access = (): AccessStore => ({
    userByEmail: async () => user,
    userById: async () => user,
    startSession: unasked,
    openSession: unasked,
    seeSession: unasked,
    sessionsOf: async () => [],
    changePassword: async () => true,
    endSessions: async () => 1,
    beginAttempt: async () => ({ id: '1', failures: 1 }),
    succeedAttempt: async () => undefined,
    dropAttempt: async () => undefined,
    record: async () => undefined,
  });

  function setUp(role: Role | null, sameOrigin = true) {
    const reached: string[] = [];
    const commands = fakeCommands(reached);
    const session =
      role === null ? null : { id: ID, userId: ID, email: user.email, name: user.name, role, expiresAtMs: 0 };
    const context: ApiContext = {
      session,
      sameOrigin,
      correlationId: 'c',
      source: { address: '', agent: '' },
      reads,
      access: access(),
      forgetSession: (id) => void reached.push(`forget ${id}`),
      commands: () => commands,
    };
    return { api: createCaller(context), reached };
  }
  type Api = ReturnType<typeof setUp>['api'];
  const SHOWN = { ours: { qty: '1' }, theirs: { qty: '2' } };
  const SIGNING = { openingId: ID, shownHash: 'h', password: PASSWORD };

  const ACTS: readonly (readonly [string, Role, (api: Api) => Promise<unknown>])[] = [
    ['approve', 'OPERATOR', (api) => api.approvals.approve({ id: ID, shownHash: 'h' })],
    ['rejectMany', 'OPERATOR', (api) => api.approvals.rejectMany({ ids: [ID], reason: 'no good' })],
    ['reject', 'OPERATOR', (api) => api.approvals.reject({ id: ID, reason: 'no good' })],
    ['cancelOrder', 'OPERATOR', (api) => api.orders.cancel({ id: ID, reason: 'no good' })],
    ['cancelOrder', 'OPERATOR', (api) => api.orders.cancelMany({ ids: [ID], reason: 'no good' })],
    ['withdrawExit', 'OPERATOR', (api) => api.portfolio.withdrawExit({ exitId: ID, reason: 'keep it' })],
    ['stopBot', 'OPERATOR', (api) => api.bots.stop({ id: ID, reason: 'out of hand' })],
    ['acknowledgeAlert', 'OPERATOR', (api) => api.system.acknowledgeAlert({ id: ID })],
    ['closePosition', 'OPERATOR', (api) => api.portfolio.closePosition({ symbol: 'SPY', reason: 'no good' })],
    ['resolveBreak', 'OPERATOR', (api) => api.reconciliation.resolveBreak({ breakId: ID, reason: 'sold by phone' })],
    [
      'resolveBreak',
      'ADMIN',
      (api) => api.reconciliation.resolveBreak({ breakId: ID, reason: 'granted', accept: SHOWN }),
    ],
    ['closeUnknownOrder', 'OPERATOR', (api) => api.reconciliation.closeUnknownOrder({ orderId: ID, reason: 'lost' })],
    ['requestTieOut', 'OPERATOR', (api) => api.reconciliation.requestTieOut()],
    ['addMarketEvent', 'OPERATOR', (api) => api.events.add(EVENT)],
    ['removeMarketEvent', 'OPERATOR', (api) => api.events.remove({ id: ID, reason: 'moved' })],
    ['restoreMarketEvent', 'OPERATOR', (api) => api.events.restore({ id: ID })],
    [
      'setStrategy',
      'OPERATOR',
      (api) => api.strategies.set({ strategy: 'ema-cross', symbol: '*', version: 0, enabled: true, params: {} }),
    ],
    ['setReasoningLimits', 'ADMIN', (api) => api.reasoning.setLimits(NO_LIMITS)],
    [
      'setModelPrice',
      'ADMIN',
      (api) => api.reasoning.setPrice({ model: 'gpt-5', input_per_million: '1', output_per_million: '2' }),
    ],
    ['removeModelPrice', 'ADMIN', (api) => api.reasoning.removePrice({ model: 'gpt-5' })],
    ['signInitialBalances', 'ADMIN', (api) => api.reconciliation.signOpening(SIGNING)],
    ['requestDrill', 'ADMIN', (api) => api.trading.requestDrill({ orders: 20 })],
    ['halt', 'OPERATOR', (api) => api.trading.halt({})],
    ['reduce', 'OPERATOR', (api) => api.trading.reduce({})],
    ['flattenAll', 'OPERATOR', (api) => api.trading.flatten({ reason: 'no good', confirm: 'FLATTEN' })],
    ['release', 'ADMIN', (api) => api.trading.release({ reason: 'drill over', password: PASSWORD })],
  ];
  const RANK: Record<Role, number> = { VIEWER: 0, OPERATOR: 1, ADMIN: 2 };
  const codeOf = async (call: Promise<unknown>) => {
    const error = await call.then(
      () => null,
      (reason: unknown) => reason,
    );
    return error instanceof TRPCError ? error.code : error;
  };

  describe.each(ACTS)('%s', (name, needed, act) => {
    it.each(['VIEWER', 'OPERATOR', 'ADMIN'] as const)(`as %s: only ${needed} and above`, async (role) => {
      const { api, reached } = setUp(role);
      const allowed = RANK[role] >= RANK[needed];
      expect(await codeOf(act(api))).toBe(allowed ? null : 'FORBIDDEN');
      expect(reached).toEqual(allowed ? [name] : []);
    });

    it('needs a session', async () => {
      const { api, reached } = setUp(null);
      expect(await codeOf(act(api))).toBe('UNAUTHORIZED');
      expect(reached).toEqual([]);
    });

    it("is refused from another site's page", async () => {
      const { api, reached } = setUp('ADMIN', false);
      expect(await codeOf(act(api))).toBe('FORBIDDEN');
      expect(reached).toEqual([]);
    });
  });

  it.each([
    ['orders', (api: Api) => api.orders.list({})],
    ['a page of orders', (api: Api) => api.orders.page({})],
    ['approvals', (api: Api) => api.approvals.list()],
    ['signals', (api: Api) => api.signals.list({})],
    ['audit', (api: Api) => api.system.audit({})],
    ['alerts', (api: Api) => api.system.alerts({})],
    ['breaks', (api: Api) => api.reconciliation.breaks({})],
    ['tie-outs', (api: Api) => api.reconciliation.tieOuts({})],
    ['drills', (api: Api) => api.trading.drills({})],
    ['market', (api: Api) => api.market.list()],
    ['events', (api: Api) => api.events.list({})],
    ['strategies', (api: Api) => api.strategies.list()],
    ['trading state', (api: Api) => api.trading.state()],
    ['own sessions', (api: Api) => api.account.sessions()],
  ] as const)('%s are for every signed-in user', async (_, read) => {
    expect(await codeOf(read(setUp(null).api))).toBe('UNAUTHORIZED');
    expect(await codeOf(read(setUp('VIEWER', false).api))).toBeNull();
  });

  it('ends only the other sessions of the caller, from the console itself', async () => {
    expect(await codeOf(setUp(null).api.account.endOtherSessions())).toBe('UNAUTHORIZED');
    expect(await codeOf(setUp('VIEWER', false).api.account.endOtherSessions())).toBe('FORBIDDEN');
    expect(await setUp('VIEWER').api.account.endOtherSessions()).toEqual({ ended: 1 });
  });

  it('changes only the own password, with the present one, to one that is not easily guessed', async () => {
    const { api, reached } = setUp('VIEWER');
    const change = (password: string, next: string) => api.account.changePassword({ password, next });
    expect(await codeOf(change('wrong', 'four unrelated words here'))).toBe('FORBIDDEN');
    expect(await codeOf(setUp('VIEWER', false).api.account.changePassword({ password: PASSWORD, next: 'x' }))).toBe(
      'FORBIDDEN',
    );
    expect(await change(PASSWORD, 'password1234')).toMatchObject({ ok: false, code: 'INVALID' });
    expect(await change(PASSWORD, `${user.email}2026`)).toMatchObject({ ok: false, code: 'INVALID' });
    expect(await change(PASSWORD, 'four unrelated words here')).toEqual({ ok: true, status: 'CHANGED' });
    expect(reached.at(-1)).toBe(`forget ${ID}`);
  });

  it('releases only with the right password', async () => {
    const { api, reached } = setUp('ADMIN');
    expect(await codeOf(api.trading.release({ reason: 'drill over', password: 'wrong' }))).toBe('FORBIDDEN');
    expect(reached).toEqual([]);
  });

  it('flattens only what was typed out, and rejects or resolves only with a reason', async () => {
    const { api, reached } = setUp('ADMIN');
    const untyped = { reason: 'no good', confirm: 'flatten' };
    // @ts-expect-error the word must be exact: a client that does not check is refused by the server
    expect(await codeOf(api.trading.flatten(untyped))).toBe('BAD_REQUEST');
    expect(await codeOf(api.approvals.reject({ id: ID, reason: '  ' }))).toBe('BAD_REQUEST');
    expect(await codeOf(api.reconciliation.resolveBreak({ breakId: ID, reason: '  ' }))).toBe('BAD_REQUEST');
    expect(reached).toEqual([]);
  });

  it('refuses the NUL character, which the database cannot store, in any input', async () => {
    const { api, reached } = setUp('ADMIN');
    expect(await codeOf(api.orders.list({ symbol: 'S\u0000' }))).toBe('BAD_REQUEST');
    expect(await codeOf(api.signals.list({ strategy: '\u0000' }))).toBe('BAD_REQUEST');
    expect(await codeOf(api.approvals.reject({ id: ID, reason: 'no\u0000good' }))).toBe('BAD_REQUEST');
    expect(reached).toEqual([]);
  });

  it.each(['', 'a\u0000b', 'two\nlines', 'x'.repeat(10_000), '\ud800', '\u202eright to left'])(
    'halts and reduces whatever the reason is: %j',
    async (reason) => {
      const { api, reached } = setUp('OPERATOR');
      expect(await codeOf(api.trading.halt({ reason }))).toBeNull();
      expect(await codeOf(api.trading.reduce({ reason }))).toBeNull();
      expect(reached).toEqual(['halt', 'reduce']);
    },
  );

  it('signs for opening balances only with the right password', async () => {
    const { api, reached } = setUp('ADMIN');
    expect(await codeOf(api.reconciliation.signOpening({ ...SIGNING, password: 'wrong' }))).toBe('FORBIDDEN');
    expect(reached).toEqual([]);
  });

  it.each([501, 0, 1.5])('starts no drill with %d orders', async (orders) => {
    const { api, reached } = setUp('ADMIN');
    expect(await codeOf(api.trading.requestDrill({ orders }))).toBe('BAD_REQUEST');
    expect(reached).toEqual([]);
  });

  it('says what is not there', async () => {
    const { api } = setUp('VIEWER');
    const reads = [
      api.orders.get({ id: ID }),
      api.reconciliation.break({ id: ID }),
      api.reconciliation.tieOut({ id: ID }),
      api.trading.drill({ id: ID }),
      api.market.symbol({ symbol: 'SPY' }),
    ];
    for (const read of reads) expect(await codeOf(read)).toBe('NOT_FOUND');
  });
});
