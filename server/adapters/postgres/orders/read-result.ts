import type { Order, PrismaClient } from '@/server/adapters/postgres/generated/client';
import { iso, oneOf, text } from '@/server/adapters/postgres/market/read-map';
import type { OrderResult } from '@/server/contracts/order';
import { type LotFill, lotProfit, type MatchedLots, matchLots } from '@/server/domain/position/lots';
import { averagePrice, formatMoney, formatUnits, parseMoney, parseUnits, ratioToFixed } from '@/server/kernel/money';
import { sideSchema } from '@/server/kernel/vocabulary';

/** Movements of the symbol that are read before an order's fills. */
const MOST_BEFORE = 500;
/** And from them on: more where the order's shares are still held after the first ones. */
const AFTER = [100, 1_000] as const;

type Of = Pick<Order, 'id' | 'symbol' | 'side' | 'cumQty' | 'cumNotional' | 'referencePrice' | 'kind' | 'createdAt'>;

/** One movement of a symbol's holding. */
interface Movement {
  readonly posting_id: bigint;
  readonly kind: string;
  readonly moved: string;
  readonly order_id: string | null;
  readonly strategy: string | null;
  readonly side: string | null;
  readonly price: string | null;
  readonly at: Date | null;
}

/** What an order with fills earned. @param signalAt null for an order without a signal */
export async function readResult(
  db: PrismaClient,
  order: Of,
  fillsAt: readonly Date[],
  signalAt: Date | null,
): Promise<OrderResult> {
  const arrival = order.kind === 'EXTERNAL' ? 0n : parseUnits(text(order.referencePrice));
  const qty = parseUnits(text(order.cumQty));
  const first = fillsAt[0];
  return {
    arrivalPrice: arrival > 0n ? formatUnits(arrival) : null,
    slippageBps: arrival > 0n && qty > 0n ? slippage(order, arrival, qty) : null,
    toFirstFillMs: first === undefined ? null : first.getTime() - (signalAt ?? order.createdAt).getTime(),
    position: await readPosition(db, order),
  };
}

/** Basis points by which the average fill was worse than the arrival price. */
function slippage(order: Of, arrival: bigint, qty: bigint): string {
  const worse = averagePrice(parseMoney(text(order.cumNotional)), qty) - arrival;
  return ratioToFixed((order.side === 'BUY' ? worse : -worse) * 10_000n, arrival, 2);
}

async function readPosition(db: PrismaClient, { id, symbol }: Of): Promise<OrderResult['position']> {
  const account = `POSITION:${symbol}`;
  const [own] = await db.$queryRaw<{ first: bigint | null; last: bigint | null; held: string }[]>`
    WITH own AS (
      SELECT min(p.id) AS first, max(p.id) AS last
        FROM fills f JOIN ledger_entries e ON e.ref = concat('fill:', f.order_id, ':', f.execution_id)
        JOIN ledger_postings p ON p.entry_id = e.id AND p.account = ${account}
       WHERE f.order_id = ${id}::uuid)
    SELECT first, last, (SELECT coalesce(sum(qty), 0)::text FROM ledger_postings WHERE account = ${account} AND id < own.first) AS held FROM own`;
  if (own === undefined || own.first === null || own.last === null) return null;
  const before = await movements(db, account, own.first, 'before', MOST_BEFORE);
  const opening = sinceFlat(before, parseUnits(own.held));
  if (opening === null) return null;
  for (const limit of AFTER) {
    const after = await movements(db, account, own.first, 'from', limit);
    const lots = lotsOf([...opening, ...after]);
    if (lots === null) return null;
    const heldNow = lots.held.some(({ fill }) => fill.orderId === id);
    const lastRead = after.at(-1)?.posting_id ?? own.first;
    // Nothing that comes later concerns the order once all its fills were read and its shares are closed.
    if (after.length === limit && (heldNow || lastRead < own.last)) continue;
    const [quote] = await db.$queryRaw<{ bid: string; ask: string }[]>`
      SELECT bid::text AS bid, ask::text AS ask FROM quotes WHERE symbol = ${symbol}`;
    return toPosition(id, lots, quote ?? null);
  }
  return null;
}

/** Null where a split, a transfer or a correction changed what the shares cost: lots say nothing any more. */
function lotsOf(movements: readonly Movement[]): MatchedLots | null {
  const fills = movements.map(toFill);
  const known = fills.filter((fill) => fill !== null);
  return known.length < fills.length ? null : matchLots(known);
}

const SELECT = `
  SELECT p.id AS posting_id, e.kind, p.qty::text AS moved, f.order_id::text AS order_id, o.strategy, f.side, f.price::text AS price, f.at
    FROM ledger_postings p JOIN ledger_entries e ON e.id = p.entry_id
    LEFT JOIN fills f ON e.kind = 'FILL' AND f.order_id = (CASE WHEN e.kind = 'FILL' THEN substring(e.ref FROM 6 FOR 36) END)::uuid
      AND f.execution_id = substring(e.ref FROM 43)
    LEFT JOIN orders o ON o.id = f.order_id`;

/** Movements on one side of a posting, in order of their nearness to it. */
async function movements(
  db: PrismaClient,
  account: string,
  postingId: bigint,
  part: 'before' | 'from',
  limit: number,
): Promise<readonly Movement[]> {
  return part === 'before'
    ? await db.$queryRawUnsafe<Movement[]>(
        `${SELECT} WHERE p.account = $1 AND p.id < $2 ORDER BY p.id DESC LIMIT ${limit}`,
        account,
        postingId,
      )
    : await db.$queryRawUnsafe<Movement[]>(
        `${SELECT} WHERE p.account = $1 AND p.id >= $2 ORDER BY p.id LIMIT ${limit}`,
        account,
        postingId,
      );
}

/** The movements since nothing was held, oldest first; null when they reach further back than was read. */
function sinceFlat(newestFirst: readonly Movement[], held: bigint): readonly Movement[] | null {
  let left = held;
  const found: Movement[] = [];
  for (const movement of newestFirst) {
    if (left === 0n) break;
    found.push(movement);
    left -= parseUnits(movement.moved);
  }
  return left === 0n ? found.reverse() : null;
}

function toFill({ kind, moved, order_id, strategy, side, price, at }: Movement): LotFill | null {
  if (kind !== 'FILL' || order_id === null || price === null || at === null) return null;
  const qty = parseUnits(moved);
  return {
    orderId: order_id,
    strategy: strategy ?? '',
    side: oneOf(sideSchema, side ?? '', 'fills.side'),
    qty: qty < 0n ? -qty : qty,
    price: parseUnits(price),
    atMs: at.getTime(),
  };
}

function toPosition(
  id: string,
  { matches, held }: MatchedLots,
  quote: { readonly bid: string; readonly ask: string } | null,
): NonNullable<OrderResult['position']> {
  const own = matches.filter(({ openOrderId, closeOrderId }) => openOrderId === id || closeOrderId === id);
  const lots = held.filter(({ fill }) => fill.orderId === id);
  const heldQty = lots.reduce((sum, { left }) => sum + left, 0n);
  // What would be had for the shares now: the bid for a long holding, the ask for a short one.
  const open = lots.reduce(
    (sum, { fill, left }) =>
      sum + (quote === null ? 0n : lotProfit(fill, parseUnits(fill.side === 'BUY' ? quote.bid : quote.ask), left)),
    0n,
  );
  return {
    profit: own.length === 0 ? null : formatMoney(own.reduce((sum, { profit }) => sum + profit, 0n)),
    heldQty: formatUnits(heldQty),
    openProfit: heldQty === 0n || quote === null ? null : formatMoney(open),
    matches: own.map((match) => ({
      orderId: match.openOrderId === id ? match.closeOrderId : match.openOrderId,
      role: match.openOrderId === id ? 'CLOSED' : 'OPENED',
      qty: formatUnits(match.qty),
      openPrice: formatUnits(match.openPrice),
      closePrice: formatUnits(match.closePrice),
      profit: formatMoney(match.profit),
      openedAt: iso(new Date(match.openedAtMs)),
      closedAt: iso(new Date(match.closedAtMs)),
    })),
  };
}
