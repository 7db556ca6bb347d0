import { rejudgeAll } from '@/e2e/system/support/rejudge';
import { createAuditLog } from '@/server/adapters/postgres/access/audit-chain';
import { verifyAuditLog } from '@/server/application/audit/verify-audit-log';
import { canonicalJson } from '@/server/kernel/canonical-json';
import type { Rig } from '../harness/rig';
import { type BrokerSide, readBrokerSide } from './broker-side';
import { outboxComplete } from './events';
import { type OurSide, readOurSide } from './our-side';
import { type Replayed, replayTimeline } from './replay-timeline';

/** What a cell's fault justifies. */
export interface Allowances {
  /** Sent by a process that had stood still after its last check: found by its client order id. */
  readonly sentLate?: readonly string[];
  /** Breaks that the fault must open. */
  readonly breaks?: readonly string[];
}

export interface Finding {
  readonly name: string;
  readonly title: string;
  readonly violations: readonly string[];
}

interface Evidence {
  readonly ours: OurSide;
  readonly theirs: BrokerSide;
  readonly replayed: ReadonlyMap<string, Replayed>;
  readonly allowed: Allowances;
}

/** Both clocks are this machine's; each rounds to a millisecond. */
const ROUNDING_MS = 2;

const STATUS_AT_BROKER: Readonly<Record<string, readonly string[]>> = {
  ACCEPTED: ['accepted', 'new', 'pending_cancel', 'pending_new'],
  PARTIALLY_FILLED: ['partially_filled', 'pending_cancel'],
  FILLED: ['filled'],
  CANCELLED: ['canceled'],
  EXPIRED: ['expired', 'done_for_day'],
};

/** I1 */
function ordersOneToOne({ ours, theirs }: Evidence): string[] {
  const found: string[] = [];
  const byClientId = new Map(theirs.orders.map((order) => [order.client_order_id, order]));
  if (byClientId.size !== theirs.orders.length) found.push('a client order id is at the broker twice');
  const journalled = new Set(theirs.journalOrders);
  if (theirs.journalOrders.length !== theirs.orders.length || journalled.size !== theirs.orders.length)
    found.push(`the journal has ${theirs.journalOrders.length} orders, the broker lists ${theirs.orders.length}`);
  for (const order of ours.orders) {
    const theirOrder = byClientId.get(order.id);
    byClientId.delete(order.id);
    if (order.external_order_id !== null && theirOrder?.id !== order.external_order_id)
      found.push(`${order.id} (${order.status}) is not at the broker under the id that we have`);
    if (order.external_order_id === null && theirOrder !== undefined)
      found.push(`${order.id} (${order.status}) is at the broker (${theirOrder.status}) and we do not know it`);
    if (theirOrder === undefined) {
      if (!['CANCELLED', 'REJECTED'].includes(order.status))
        found.push(`${order.id} is ${order.status} and not at the broker`);
      continue;
    }
    const terms = [order.symbol, order.side.toLowerCase(), Number(order.qty), Number(order.limit_price ?? 0)].join(' ');
    const theirTerms = [
      theirOrder.symbol,
      theirOrder.side,
      Number(theirOrder.qty),
      Number(theirOrder.limit_price ?? 0),
    ].join(' ');
    if (terms !== theirTerms) found.push(`${order.id}: the terms here are ${terms}, there ${theirTerms}`);
    if (STATUS_AT_BROKER[order.status]?.includes(theirOrder.status) !== true)
      found.push(`${order.id} is ${order.status} here and ${theirOrder.status} there`);
    if (order.pending !== 'NONE') found.push(`${order.id} still waits for an answer (${order.pending})`);
  }
  for (const order of byClientId.values())
    found.push(`the broker has ${order.client_order_id}, which nobody here knows`);
  return found;
}

const keyed = (rows: readonly { symbol: string; qty: string }[]) =>
  rows
    .map(({ symbol, qty }) => `${symbol} ${Number(qty)}`)
    .sort()
    .join(', ');

/** I2 */
function booksAgree({ ours, theirs }: Evidence): string[] {
  const found: string[] = [];
  const at = keyed([...theirs.positions].map(([symbol, qty]) => ({ symbol, qty })));
  const sides = { positions: ours.positions, 'sum of fills': ours.filledPositions, ledger: ours.ledgerPositions };
  for (const [what, rows] of Object.entries(sides)) {
    if (keyed(rows) !== at) found.push(`${what}: ${keyed(rows)}; at the broker: ${at}`);
  }
  if (Number(ours.cash) !== Number(theirs.cash)) found.push(`cash ${ours.cash}; at the broker ${theirs.cash}`);
  const line = (order: string | null, id: string, side: string, qty: string, price: string) =>
    `${order} ${id.split('::').at(-1)} ${side.toLowerCase()} ${Number(qty)} at ${Number(price)}`;
  const booked = ours.fills.map((fill) =>
    line(fill.external_order_id, fill.execution_id, fill.side, fill.qty, fill.price),
  );
  const stated = theirs.fills.map((fill) => line(fill.order_id, fill.id, fill.side, fill.qty, fill.price));
  const [ourSet, theirSet] = [new Set(booked), new Set(stated)];
  if (ourSet.size !== booked.length) found.push('a fill is booked twice');
  for (const each of ourSet) if (!theirSet.has(each)) found.push(`booked, but not the broker's: ${each}`);
  for (const each of theirSet) if (!ourSet.has(each)) found.push(`not booked: ${each}`);
  const filled = new Map(theirs.orders.map((order) => [order.client_order_id, order.filled_qty]));
  for (const { id, cum_qty: cum } of ours.orders) {
    if (Number(cum) !== Number(filled.get(id) ?? 0))
      found.push(`${id}: ${cum} filled here, ${filled.get(id) ?? 0} there`);
  }
  return found;
}

/** I3 */
function ledgerBalances({ ours }: Evidence): string[] {
  const found: string[] = [];
  if (ours.unbalanced > 0) found.push(`${ours.unbalanced} entries do not sum to zero`);
  if (Number(ours.ledgerSum) !== 0) found.push(`the postings sum to ${ours.ledgerSum}`);
  if (ours.ledgerFills !== ours.fills.length) found.push(`${ours.ledgerFills} entries for ${ours.fills.length} fills`);
  return found;
}

/** Orders that rest on no decision, and that a halt lets work. */
const survivesHalts = ({ kind }: { kind: string }) => kind === 'FLATTEN' || kind === 'PROTECTIVE';

/** I4 */
function nothingUndecided({ ours, theirs }: Evidence): string[] {
  const orders = new Map(ours.orders.map((order) => [order.id, order]));
  return theirs.submissions.flatMap(({ client_order_id: id, atMs }) => {
    const order = orders.get(id);
    if (order === undefined) return [`${id} was sent and is no order of ours`];
    const limit = atMs + ROUNDING_MS;
    if (order.created_ms > limit) return [`${id} was sent before it was stored`];
    if (survivesHalts(order))
      return order.audited_ms !== null && order.audited_ms <= limit
        ? []
        : [`${id} is a ${order.kind} that was not audited first`];
    const released =
      order.decision === 'APPROVE' || (order.decision === 'REVIEW' && order.decision_kind === 'APPROVAL');
    if (!released) return [`${id} was sent with decision ${order.decision ?? 'none'}`];
    return (order.decided_ms ?? Number.POSITIVE_INFINITY) <= limit ? [] : [`${id} was sent before it was decided`];
  });
}

const ENDED = ['filled_at', 'canceled_at', 'expired_at'] as const;

/** I5 */
function haltsHold({ ours, theirs, allowed }: Evidence): string[] {
  const found: string[] = [];
  const surviving = new Set(ours.orders.filter(survivesHalts).map(({ id }) => id));
  for (const { acknowledged_ms: from, verified_ms: verified, released_ms: until } of ours.halts) {
    const end = until ?? Number.POSITIVE_INFINITY;
    for (const { client_order_id: id, atMs } of theirs.submissions) {
      const exempt = surviving.has(id) || allowed.sentLate?.includes(id) === true;
      if (from !== null && !exempt && atMs > from + ROUNDING_MS && atMs < end)
        found.push(`${id} was sent after acknowledged`);
    }
    for (const order of verified === null ? [] : theirs.orders) {
      const first = theirs.submissions.find(({ client_order_id: id }) => id === order.client_order_id)?.atMs ?? 0;
      const over = ENDED.flatMap((name) => (order[name] === null ? [] : [Date.parse(order[name])]))[0];
      const worked = first < end && (over === undefined || over > (verified ?? 0) + ROUNDING_MS);
      if (worked && !surviving.has(order.client_order_id)) found.push(`${order.client_order_id} worked after verified`);
    }
  }
  return found;
}

/** I7 */
const timelinesLegal = ({ replayed }: Evidence): string[] =>
  [...replayed.values()].flatMap(({ violations }) => violations);

/** I9 */
function breaksJustified({ ours, allowed }: Evidence): string[] {
  return ours.breaks
    .filter(({ cause }) => allowed.breaks?.includes(cause) !== true)
    .map(
      ({ symbol, cause, open, ours: here, theirs: there }) =>
        `${open ? 'open' : 'opened meanwhile'}: ${cause} on ${symbol}: ${JSON.stringify(here)} against ${JSON.stringify(there)}`,
    );
}

/** I10 */
function nothingResentBlindly({ theirs, allowed }: Evidence): string[] {
  const last = new Map<string, number>();
  return theirs.submissions.flatMap(({ client_order_id: id, index }) => {
    const before = last.get(id);
    last.set(id, index);
    if (before === undefined || allowed.sentLate?.includes(id) === true) return [];
    const asked = theirs.lookUps.some((each) => each.clientOrderId === id && each.index > before && each.index < index);
    return asked ? [] : [`${id} was sent again without being looked up`];
  });
}

/** I11 */
async function decisionsReproducible(rig: Rig): Promise<string[]> {
  // The database keeps the names of a reason in an order of its own.
  const text = (judgement: object) => canonicalJson(JSON.parse(JSON.stringify(judgement)));
  const judged = (await rejudgeAll(rig.pool)).map(({ id, stored, again }) => ({
    id,
    stored: text(stored),
    again: text(again),
  }));
  const differing = judged.filter(({ stored, again }) => stored !== again);
  return differing.map(({ id, stored, again }) => `decision ${id}: stored ${stored}, judged again ${again}`);
}

async function auditChainIntact(rig: Rig): Promise<string[]> {
  const { broken } = await verifyAuditLog(createAuditLog(rig.pool), null);
  return broken === null ? [] : [`row ${broken.id}: ${broken.why}`];
}

const PURE: readonly (readonly [string, string, (evidence: Evidence) => string[]])[] = [
  ['I1', 'intents and broker orders are one to one', ordersOneToOne],
  ['I2', "fills, positions and cash are the broker's", booksAgree],
  ['I3', 'the ledger sums to zero, each entry and all', ledgerBalances],
  ['I4', 'nothing was sent without a decision stored before', nothingUndecided],
  ['I5', 'nothing sent after acknowledged, nothing works after verified', haltsHold],
  ['I7', 'each timeline leads to what is stored', timelinesLegal],
  ['I9', 'no break that the fault does not justify', breaksJustified],
  ['I10', 'nothing was sent again without a look-up', nothingResentBlindly],
];

/** Asks both sides and judges every invariant: what our database says against the broker's ledger, journal and request log. */
export async function judge(rig: Rig, allowed: Allowances = {}): Promise<readonly Finding[]> {
  const [ours, theirs] = [await readOurSide(rig), await readBrokerSide(rig)];
  const eventsOf = (id: string) => ours.events.filter((event) => event.order_id === id);
  const replayed = new Map(ours.orders.map((order) => [order.id, replayTimeline(order, eventsOf(order.id))]));
  const evidence = { ours, theirs, replayed, allowed };
  return [
    ...PURE.map(([name, title, check]) => ({ name, title, violations: check(evidence) })),
    {
      name: 'I6',
      title: 'every change has its event, published once',
      violations: outboxComplete(ours, replayed),
    },
    { name: 'I8', title: 'the audit chain verifies', violations: await auditChainIntact(rig) },
    { name: 'I11', title: 'every decision can be reproduced', violations: await decisionsReproducible(rig) },
  ];
}
