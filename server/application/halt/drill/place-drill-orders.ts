import type { Commands } from '@/server/application/commands';
import { DRILL_STRATEGY } from '@/server/application/halt/drill/drill-strategy';
import { BatchReservations, gateInput } from '@/server/application/placing/gate-input';
import type { DrillStore, OpenDrill } from '@/server/application/ports/drill-store';
import type { PlacementStore } from '@/server/application/ports/placement-store';
import type { StrategySignal } from '@/server/application/ports/worker-store';
import type { OrderRequest } from '@/server/contracts/order';
import { evaluateGate } from '@/server/domain/policy/gate';
import { type Actor, SYSTEM_PRINCIPAL_ID } from '@/server/kernel/actor';
import type { Clock } from '@/server/kernel/clock';
import { formatUnits, ONE, type Units } from '@/server/kernel/money';

const SIZE_PCT = 0.01;
const SIGNAL_TTL_MS = 60_000;
const CENT: Units = ONE / 100n;
/** Orders without the broker's answer at a time: an intent that waits too long runs out. */
const UNANSWERED = 12;
const PAUSE_MS = 100;
const REFUSED_PAUSE_MS = 500;
/** For the first order, and for each one. */
const PLACE_LIMIT_MS = { first: 60_000, each: 2_000 } as const;
/** Share of the broker's rate limit that placing takes: reconciliation must go on beside it. */
const RATE_SHARE = 0.4;

/** What may be different in a moment. */
const PASSING = new Set(['PORTFOLIO_STALE', 'DATA_STALE', 'SUBMIT_UNCERTAIN', 'ORDER_RATE_LIMIT']);

/** A drill that cannot go on, in words for the person who started it. */
export class DrillError extends Error {
  override readonly name = 'DrillError';
}

export interface DrillPlacing {
  readonly drills: DrillStore;
  readonly commands: Pick<Commands, 'placeOrder' | 'approve'>;
  readonly placements: PlacementStore;
  readonly storeSignal: (signal: StrategySignal) => Promise<boolean>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The broker's limit; 0 is none. */
  readonly requestsPerMinute: () => number;
}

const strategyActor = (drill: OpenDrill): Actor => ({
  kind: 'strategy',
  principalId: SYSTEM_PRINCIPAL_ID,
  name: DRILL_STRATEGY,
  correlationId: drill.id,
});

/** Shares of the market's price that are bid, in turn, until the gate would approve a share: the stage may cap what a trade costs. */
const PRICE_DIVISORS = [2n, 4n, 8n];

/** A bid far below the market, and as many shares (one at most) as the gate would approve at it. @throws DrillError */
async function terms(placing: DrillPlacing, drill: OpenDrill, signalId: string): Promise<OrderRequest> {
  const { symbol } = drill;
  const key = `drill:${signalId}`;
  const snapshot = await placing.placements.read([{ symbol, signalId, principalId: SYSTEM_PRINCIPAL_ID, key }]);
  const bid = snapshot.quotes.get(symbol)?.bid;
  if (bid === undefined) throw new DrillError(`${symbol} has no quote`);
  const requests = PRICE_DIVISORS.map((divisor) => (bid / divisor / CENT) * CENT)
    .filter((limit) => limit > 0n)
    .map(
      (limit): OrderRequest => ({
        signal_id: signalId,
        symbol,
        side: 'BUY',
        qty: '1',
        order_type: 'LIMIT',
        limit_price: formatUnits(limit),
        time_in_force: 'DAY',
      }),
    );
  const [first] = requests;
  if (first === undefined) throw new DrillError(`half the price of ${symbol} is less than a cent`);
  for (const request of requests) {
    const input = gateInput(snapshot, new BatchReservations(), request, {
      principalId: SYSTEM_PRINCIPAL_ID,
      drill: true,
    });
    const { approvedQty } = evaluateGate({ ...input, order: { ...input.order, qty: null } });
    if (approvedQty > 0n) return approvedQty < ONE ? { ...request, qty: formatUnits(approvedQty) } : request;
  }
  // What the gate rejects it is asked all the same: its reasons are the answer.
  return first;
}

/** Under a stage that wants a person for every trade: in the name of the one who started the drill. @throws DrillError */
async function countersign(placing: DrillPlacing, drill: OpenDrill, approvalId: string): Promise<void> {
  const { drills, commands } = placing;
  const { principalId, requestedBy } = drill;
  if (principalId === null || !(await drills.mayApprove(principalId)))
    throw new DrillError(
      'the stage wants a person for every trade, and the person who started the drill may not approve',
    );
  const hash = await drills.shownHash(approvalId);
  if (hash === null) throw new DrillError('an approval of the drill is gone');
  const actor: Actor = { kind: 'user', principalId, name: requestedBy, correlationId: `drill:${drill.id}` };
  const outcome = await commands.approve(actor, approvalId, hash);
  if (!outcome.ok) throw new DrillError(`an order of the drill was not approved: ${outcome.message}`);
}

/** One order through the gate. @returns whether it is placed; false: try again in a moment. @throws DrillError */
async function placeOne(placing: DrillPlacing, drill: OpenDrill): Promise<boolean> {
  const { commands, storeSignal, clock } = placing;
  const signalId = clock.newId();
  await storeSignal({
    id: signalId,
    strategy: DRILL_STRATEGY,
    modelVersion: drill.id,
    symbol: drill.symbol,
    action: 'BUY',
    confidence: 1,
    sizePct: SIZE_PCT,
    principalId: SYSTEM_PRINCIPAL_ID,
    ttlMs: SIGNAL_TTL_MS,
  });
  const request = await terms(placing, drill, signalId);
  const answer = await commands.placeOrder(strategyActor(drill), `drill:${signalId}`, request);
  switch (answer.kind) {
    case 'PLACED':
      return true;
    case 'REVIEW':
      await countersign(placing, drill, answer.approvalId);
      return true;
    case 'REJECTED':
      if (answer.reasons.length > 0 && answer.reasons.every(({ code }) => PASSING.has(code))) return false;
      throw new DrillError(
        `the gate refused an order of the drill: ${answer.reasons.map(({ code, message }) => `${code} (${message})`).join('; ')}`,
      );
    default:
      return false;
  }
}

/**
 * Places orders far below the market through the gate until as many work at the broker as the drill asks for. An order that
 * ends before is replaced, within bounds.
 * @returns how many work
 * @throws DrillError when that cannot be reached
 */
export async function placeDrillOrders(placing: DrillPlacing, drill: OpenDrill): Promise<number> {
  const { drills, clock, signal, requestsPerMinute } = placing;
  const endMs = performance.now() + PLACE_LIMIT_MS.first + drill.orders * PLACE_LIMIT_MS.each;
  let placed = 0;
  let nextMs = 0;
  while (!signal.aborted) {
    const { working, unanswered } = await drills.counts(drill.id);
    if (working >= drill.orders) return working;
    if (performance.now() > endMs) throw new DrillError(`only ${working} of ${drill.orders} orders worked in time`);
    const wanted = working + unanswered < drill.orders && unanswered < UNANSWERED;
    if (!wanted || performance.now() < nextMs) {
      await clock.sleep(PAUSE_MS, signal);
      continue;
    }
    if (placed >= 2 * drill.orders + 10) throw new DrillError('the orders of the drill end by themselves');
    const done = await placeOne(placing, drill);
    const limit = requestsPerMinute();
    if (limit > 0) nextMs = performance.now() + 60_000 / (limit * RATE_SHARE);
    if (done) placed += 1;
    else await clock.sleep(REFUSED_PAUSE_MS, signal);
  }
  throw new DrillError('the worker stopped');
}
