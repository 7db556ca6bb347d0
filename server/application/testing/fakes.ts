import { type BookingRequest, decideBooking, type TimelineEvent } from '@/server/application/booking/booking';
import type { ExecutionContext } from '@/server/application/execution-context';
import { gateRecord } from '@/server/application/placing/gate-record';
import type {
  Broker,
  BrokerActivity,
  BrokerOrder,
  CancelAllAnswer,
  NonTradeActivity,
  SubmitOutcome,
} from '@/server/application/ports/broker';
import { BrokerError } from '@/server/application/ports/broker';
import type {
  ClaimedOrder,
  ExecutionStore,
  NamedOrders,
  OrderBasis,
  OrderRef,
  SendFacts,
} from '@/server/application/ports/execution-store';
import type { Topic } from '@/server/contracts/events';
import { newOrder } from '@/server/domain/order/new-order';
import type { OrderState } from '@/server/domain/order/types';
import { DEFAULT_POLICY_BODY } from '@/server/domain/policy';
import { inputWith, POLICY } from '@/server/domain/policy/testing/gate-fixture';
import { parseUnits } from '@/server/kernel/money';
import { isLiveStatus } from '@/server/kernel/vocabulary';

export const FENCE = { name: 'execution', token: '1' };

/** The market's time in {@link GOOD_FACTS}. */
export const GOOD_MARKET_MS = 1_700_000_000_000;

const DECIDED = inputWith({ order: { qty: parseUnits('1') } });

/** An order of one share that rests on an APPROVE of the gate. */
export const GOOD_BASIS: OrderBasis = {
  orderId: 'o1',
  signalId: 's1',
  approvalId: null,
  principalId: 'p1',
  strategy: 'test',
  expiresAtMs: DECIDED.nowMs + POLICY.approveTtlSeconds * 1_000,
  order: {
    symbol: 'AAPL',
    side: 'BUY',
    qty: parseUnits('1'),
    orderType: 'MARKET',
    limitPrice: null,
    stopPrice: null,
    timeInForce: 'DAY',
    referencePrice: parseUnits('200'),
    positionEffect: 'OPEN',
    protectiveStopPrice: null,
  },
  decision: {
    kind: 'GATE',
    signalId: 's1',
    decision: 'APPROVE',
    stage: DECIDED.stage,
    policyVersion: POLICY.version,
    policy: DEFAULT_POLICY_BODY,
    record: gateRecord(DECIDED),
  },
  approval: null,
};

export const GOOD_FACTS: SendFacts = {
  leaseHeld: true,
  tradingState: 'ACTIVE',
  orderStatus: 'NEW',
  cancelRequested: false,
  claimToken: FENCE.token,
  kind: 'GATED',
  positionEffect: 'OPEN',
  expired: false,
  breakOpen: false,
  symbolUncertain: false,
  exitOpen: false,
  marketOpen: true,
  stage: 'M0_LOCAL',
  environment: 'SIM',
  clockAgeMs: 500,
  reconciledAgeMs: 2_000,
  portfolioMaxAgeMs: 15_000,
  pricing: {
    side: 'BUY',
    orderType: 'MARKET',
    limitPrice: null,
    referencePrice: parseUnits('100'),
    collarPct: parseUnits('0.01'),
    quote: { bid: parseUnits('100'), ask: parseUnits('100.01'), quotedAtMs: GOOD_MARKET_MS },
    quoteMaxAgeMs: 30_000,
    market: { nowMs: GOOD_MARKET_MS, speed: 1 },
  },
  basis: GOOD_BASIS,
  protection: null,
};

export function orderState(id: string, changes: Partial<OrderState> = {}): OrderState {
  const made = newOrder({ id, symbol: 'AAPL', side: 'BUY', qty: parseUnits('10'), orderType: 'MARKET' });
  return { ...made, pending: 'SUBMIT', ...changes };
}

export function claimedOrder(state: OrderState, changes: Partial<ClaimedOrder> = {}): ClaimedOrder {
  return {
    state,
    kind: 'GATED',
    exitId: null,
    positionEffect: 'OPEN',
    referencePrice: parseUnits('100'),
    claimedAtMs: state.claimed ? 0 : null,
    submitAttempts: state.claimed ? 1 : 0,
    changedMsAgo: 60_000,
    createdAtMs: 0,
    ...changes,
  };
}

/** Orders in memory, booked by the same pure decision as in Postgres. */
export class FakeExecutionStore implements ExecutionStore {
  readonly orders = new Map<string, ClaimedOrder>();
  readonly timeline = new Map<string, TimelineEvent[]>();
  readonly topics: string[] = [];
  facts: Partial<SendFacts> = {};
  /** Facts of the next sends, one each; then `facts` again. */
  readonly nextFacts: Partial<SendFacts>[] = [];

  add(order: ClaimedOrder): void {
    this.orders.set(order.state.id, order);
  }

  state(id: string): OrderState {
    const found = this.orders.get(id);
    if (found === undefined) throw new Error(`no order ${id}`);
    return found.state;
  }

  types(id: string): string[] {
    return (this.timeline.get(id) ?? []).map(({ type }) => type);
  }

  private find(ref: OrderRef): ClaimedOrder | null {
    if ('orderId' in ref) return this.orders.get(ref.orderId) ?? null;
    return [...this.orders.values()].find(({ state }) => state.externalOrderId === ref.externalOrderId) ?? null;
  }

  private readonly where = async (test: (order: ClaimedOrder) => boolean) => [...this.orders.values()].filter(test);

  private claimed(order: ClaimedOrder): ClaimedOrder {
    const next = {
      ...order,
      state: { ...order.state, claimed: true },
      claimedAtMs: 0,
      submitAttempts: order.submitAttempts + 1,
    };
    this.orders.set(order.state.id, next);
    return next;
  }

  async claim(_fence: unknown, _holder: string, limit: number) {
    const due = await this.where(({ state }) => state.status === 'NEW' && !state.claimed && !state.cancelRequested);
    return due.slice(0, limit).map((order) => this.claimed(order));
  }

  async reclaim(_fence: unknown, _holder: string, orderId: string) {
    const order = this.orders.get(orderId);
    if (order === undefined || order.state.status !== 'NEW') return false;
    this.claimed(order);
    return true;
  }

  unanswered = () => this.where(({ state }) => state.status === 'NEW' && state.claimed);

  async unsentCancels() {
    const found = await this.where(({ state }) => state.status === 'NEW' && !state.claimed && state.cancelRequested);
    return found.map(({ state }) => state.id);
  }

  async cancelsDue() {
    const found = await this.where(({ state }) => state.cancelRequested && isLiveStatus(state.status));
    return found.flatMap(({ state }) =>
      state.externalOrderId === null ? [] : [{ orderId: state.id, externalOrderId: state.externalOrderId }],
    );
  }

  async cancelSent() {}

  /** Why an order's cancel failed, as last recorded. */
  readonly cancelFaults = new Map<string, string | null>();
  async cancelFailed(orderId: string, why: string | null) {
    this.cancelFaults.set(orderId, why);
  }

  /** Orders whose decision does not bear them, and why. */
  readonly unfounded = new Map<string, string>();
  async reportUnfounded(orderId: string, why: string) {
    this.unfounded.set(orderId, why);
  }

  async withSendLock<T>(
    _fence: unknown,
    orderId: string,
    work: Parameters<ExecutionStore['withSendLock']>[2],
  ): Promise<T> {
    const { state } = this.orders.get(orderId) ?? { state: orderState(orderId) };
    const changes = this.nextFacts.shift() ?? this.facts;
    const facts = { ...GOOD_FACTS, orderStatus: state.status, cancelRequested: state.cancelRequested, ...changes };
    const result = await work({ facts, signal: new AbortController().signal, heldSinceMs: performance.now() });
    return result as T;
  }

  async book(_fence: unknown, ref: OrderRef, request: BookingRequest, extraTopics: readonly Topic[] = []) {
    const order = this.find(ref);
    if (order === null) return { found: false, decision: null };
    const { id } = order.state;
    const decision = decideBooking(order.state, request);
    this.orders.set(id, { ...order, state: decision.state });
    this.timeline.set(id, [...(this.timeline.get(id) ?? []), ...decision.timeline]);
    this.topics.push(...extraTopics, ...decision.outbox.map(({ topic }) => topic));
    return { found: true, decision };
  }

  load = async (ref: OrderRef) => this.find(ref);
  async named({ externalOrderIds, orderIds, live }: NamedOrders) {
    const isLive = ({ state }: ClaimedOrder) => isLiveStatus(state.status);
    return this.where(
      (order) =>
        (live && isLive(order)) ||
        orderIds.includes(order.state.id) ||
        externalOrderIds.includes(order.state.externalOrderId ?? ''),
    );
  }

  async adopt(_fence: unknown, order: OrderState) {
    this.add(claimedOrder(order, { kind: 'EXTERNAL' }));
  }
}

export function brokerOrder(clientOrderId: string, changes: Partial<BrokerOrder> = {}): BrokerOrder {
  return {
    externalOrderId: `b-${clientOrderId}`,
    clientOrderId,
    symbol: 'AAPL',
    side: 'BUY',
    qty: parseUnits('10'),
    orderType: 'MARKET',
    limitPrice: null,
    stopPrice: null,
    timeInForce: 'DAY',
    status: 'ACCEPTED',
    cancelPending: false,
    filledQty: 0n,
    filledAvgPrice: null,
    submittedAtMs: 0,
    updatedAtMs: 0,
    ...changes,
  };
}

/** A fee without anything else said of it. */
export function nonTrade(changes: Partial<NonTradeActivity> = {}): NonTradeActivity {
  return {
    kind: 'NON_TRADE',
    activityId: 't::n1',
    type: 'FEE',
    category: 'FEE',
    symbol: null,
    amount: 0n,
    shares: 0n,
    price: null,
    status: 'EXECUTED',
    previousId: null,
    groupId: null,
    atMs: 0,
    ...changes,
  };
}

type Answer<T> = T | Error;

/** A broker whose answers a test writes. What it was asked is kept. */
export class FakeBroker implements Broker {
  readonly sent: string[] = [];
  readonly cancelled: string[] = [];
  readonly orders = new Map<string, BrokerOrder>();
  activities: BrokerActivity[] = [];
  /** Outcomes of the next sends; then every send is accepted. */
  readonly outcomes: SubmitOutcome[] = [];
  cancelOutcome: Awaited<ReturnType<Broker['cancel']>> = { kind: 'taken' };
  /** Answers of the next look-ups by client id; then what `orders` holds. */
  readonly lookUps: Answer<BrokerOrder | null>[] = [];
  cancelAllCalls = 0;
  cancelAllAnswer: CancelAllAnswer = { asked: 0, refused: [] };
  failing: BrokerError | null = null;
  accountAnswer = {
    accountId: 'a1',
    cash: 0n,
    equity: 0n,
    buyingPower: 0n,
    lastEquity: 0n,
    tradingBlocked: false,
  };
  positionsAnswer: Awaited<ReturnType<Broker['positions']>> = [];

  private answer<T>(value: T): Promise<T> {
    return this.failing === null ? Promise.resolve(value) : Promise.reject(this.failing);
  }

  account = () => this.answer(this.accountAnswer);
  clock = () => this.answer({ marketTimeMs: 0, isOpen: true, nextOpenMs: null, nextCloseMs: null });
  calendar = () => this.answer([]);
  positions: Broker['positions'] = () => this.answer(this.positionsAnswer);
  openOrders = () =>
    this.answer(
      [...this.orders.values()].filter(({ status }) => status === 'ACCEPTED' || status === 'PARTIALLY_FILLED'),
    );
  endedOrders = (ids: ReadonlySet<string>) =>
    this.answer(
      [...this.orders.values()].filter(
        ({ externalOrderId, status }) => ids.has(externalOrderId) && !['ACCEPTED', 'PARTIALLY_FILLED'].includes(status),
      ),
    );
  orderById = (id: string) =>
    this.answer([...this.orders.values()].find((each) => each.externalOrderId === id) ?? null);

  async orderByClientId(id: string) {
    const next = this.lookUps.shift();
    if (next instanceof Error) throw next;
    return next === undefined ? this.answer(this.orders.get(id) ?? null) : next;
  }

  activitiesAfter = () => this.answer(this.activities);

  async submit(order: Parameters<Broker['submit']>[0]): Promise<SubmitOutcome> {
    this.sent.push(order.clientOrderId);
    const outcome = this.outcomes.shift();
    if (outcome !== undefined) return outcome;
    const made = brokerOrder(order.clientOrderId);
    this.orders.set(order.clientOrderId, made);
    return { kind: 'accepted', order: made };
  }

  async cancel(id: string) {
    this.cancelled.push(id);
    return this.cancelOutcome;
  }

  async cancelAll() {
    this.cancelAllCalls += 1;
    return this.answer(this.cancelAllAnswer);
  }
}

const QUIET = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** A context whose clock jumps instead of sleeping. */
export function fakeContext(
  broker: FakeBroker,
  store: FakeExecutionStore,
): ExecutionContext & { readonly stop: () => void } {
  let nowMs = 1_000_000;
  let ids = 0;
  const controller = new AbortController();
  return {
    broker,
    store,
    log: QUIET,
    fence: FENCE,
    holder: 'test',
    signal: controller.signal,
    leaseSinceMs: nowMs,
    caps: { notional: null, qty: null },
    persist: (work) => work(),
    stop: () => controller.abort(),
    clock: {
      nowMs: () => nowMs,
      newId: () => `new-${++ids}`,
      async sleep(ms) {
        nowMs += ms;
      },
    },
  };
}

export const noAnswer = (message = 'no answer') => new BrokerError('uncertain', message);
