import { z } from 'zod';
import type { Account, AccountOpening, Break, Order, PrismaClient } from '@/server/adapters/postgres/generated/client';
import { iso, isoOrNull, jsonRecord, oneOf, text, textOrNull } from '@/server/adapters/postgres/market/read-map';
import { toRound } from '@/server/adapters/postgres/ops/read-broker-health';
import { ORDER_ROW_SELECT, toOrderRow } from '@/server/adapters/postgres/orders/read-order-row';
import { decimalText } from '@/server/contracts/console/common';
import {
  type Agreement,
  type HeldLine,
  type InitialBalancesView,
  initialBalancesSchema,
  type OrderLine,
  type ReconciliationView,
} from '@/server/contracts/console/reconciliation';
import { formatMoney, formatUnits, parseMoney, parseUnits } from '@/server/kernel/money';
import { LIVE_STATUSES } from '@/server/kernel/vocabulary';

const ORDERS_SHOWN = 500;
/** Stands for the account in breaks of cash. */
const CASH_SYMBOL = '$CASH';

/** Causes that are about what is held, not about an order. */
const HELD_CAUSES: ReadonlySet<string> = new Set(['POSITION_MISMATCH', 'CASH_MISMATCH']);

type Breaks = readonly Break[];

/** A figure of a break, where it is a decimal. */
function decimalOf(figures: unknown, name: string): string | null {
  const parsed = decimalText.safeParse(jsonRecord(figures)[name]);
  return parsed.success ? parsed.data : null;
}

function heldLine(
  symbol: string,
  ours: string,
  broker: string | null,
  breakId: string | null,
  newer: boolean,
  money: boolean,
): HeldLine {
  const less = () => {
    if (broker === null) return null;
    if (money) return formatMoney(parseMoney(ours) - parseMoney(broker));
    return formatUnits(parseUnits(ours) - parseUnits(broker));
  };
  const agreement: Agreement =
    breakId !== null ? 'DIFFERS' : newer || broker === null || Number(less()) !== 0 ? 'NEWER' : 'AGREED';
  return { symbol, ours, broker, difference: less(), agreement, breakId };
}

/** The union of our symbols and those that a break names. Positions closed on both sides are left out. */
async function readHeld(db: PrismaClient, account: Account | null, breaks: Breaks): Promise<HeldLine[]> {
  const positions = await db.position.findMany({ orderBy: { symbol: 'asc' } });
  const open = new Map(breaks.filter((row) => row.cause === 'POSITION_MISMATCH').map((row) => [row.symbol, row]));
  const known = positions.map((position) => {
    const found = open.get(position.symbol);
    const newer = account?.roundStartedAt == null || position.updatedAt > account.roundStartedAt;
    const broker = (found && decimalOf(found.theirs, 'qty')) ?? textOrNull(position.brokerQty);
    return heldLine(position.symbol, text(position.qty), broker, found?.id ?? null, newer, false);
  });
  const ours = new Set(positions.map((position) => position.symbol));
  const theirs = [...open.values()]
    .filter((row) => !ours.has(row.symbol))
    .map((row) =>
      heldLine(row.symbol, decimalOf(row.ours, 'qty') ?? '0', decimalOf(row.theirs, 'qty'), row.id, false, false),
    );
  return [...known, ...theirs]
    .filter((line) => line.agreement !== 'AGREED' || Number(line.ours) !== 0)
    .sort((a, b) => Number(b.breakId !== null) - Number(a.breakId !== null) || a.symbol.localeCompare(b.symbol));
}

function cashLine(account: Account | null, breaks: Breaks): HeldLine | null {
  if (account === null || account.brokerAccountId === null) return null;
  const found = breaks.find((row) => row.cause === 'CASH_MISMATCH');
  const cash = text(account.cash);
  const ours = found === undefined ? cash : (decimalOf(found.ours, 'cash') ?? cash);
  const broker = found === undefined ? cash : decimalOf(found.theirs, 'cash');
  return heldLine(CASH_SYMBOL, ours, broker, found?.id ?? null, false, true);
}

type Compared = Pick<Order, 'status' | 'flags' | 'externalOrderId' | 'updatedAt'>;

function agreementOf(order: Compared, breakId: string | null, roundStartedAt: Date | null): Agreement {
  if (breakId !== null) return 'DIFFERS';
  if (order.flags.includes('SUBMIT_UNCERTAIN')) return 'IN_DOUBT';
  if (order.status === 'NEW' && order.externalOrderId === null) return 'UNSENT';
  return roundStartedAt === null || order.updatedAt > roundStartedAt ? 'NEWER' : 'AGREED';
}

/** An order that could not be taken into our books: all that is known of it is in its break. */
function brokerLine(row: Break): OrderLine {
  return {
    symbol: row.symbol,
    order: null,
    externalOrderId: null,
    agreement: 'DIFFERS',
    breakId: row.id,
    theirs: jsonRecord(row.theirs),
  };
}

/** Whatever works here, and whatever a break is about; what differs comes first. */
async function readOrderLines(
  db: PrismaClient,
  account: Account | null,
  breaks: Breaks,
): Promise<{ lines: OrderLine[]; total: number }> {
  const byOrder = new Map(breaks.flatMap((row) => (row.orderId === null ? [] : [[row.orderId, row]])));
  const live = { OR: [{ status: { in: LIVE_STATUSES } }, { cancelRequested: true }] };
  const select = { ...ORDER_ROW_SELECT, externalOrderId: true } as const;
  const ids = [...byOrder.keys()];
  const [broken, working, total] = await Promise.all([
    db.order.findMany({ where: { id: { in: ids } }, select, take: ORDERS_SHOWN }),
    db.order.findMany({
      where: { ...live, NOT: { id: { in: ids } } },
      select,
      orderBy: [{ updatedAt: 'desc' }, { id: 'desc' }],
      take: ORDERS_SHOWN,
    }),
    db.order.count({ where: { OR: [live, { id: { in: ids } }] } }),
  ]);
  const records = [...broken, ...working].slice(0, ORDERS_SHOWN);
  const lines = records.map((record) => {
    const found = byOrder.get(record.id);
    return {
      symbol: record.symbol,
      order: toOrderRow(record),
      externalOrderId: record.externalOrderId,
      agreement: agreementOf(record, found?.id ?? null, account?.roundStartedAt ?? null),
      breakId: found?.id ?? null,
      theirs: found === undefined ? null : jsonRecord(found.theirs),
    };
  });
  const brokerOnly = breaks.filter((row) => row.orderId === null && !HELD_CAUSES.has(row.cause)).map(brokerLine);
  return { lines: [...brokerOnly, ...lines], total: total + brokerOnly.length };
}

const balancesSchema = z.object({
  cash: decimalText,
  equity: decimalText.nullish().transform((equity) => equity ?? null),
  positions: initialBalancesSchema.shape.positions,
});

function toOpening(row: AccountOpening): InitialBalancesView {
  return {
    id: row.id,
    brokerAccountId: row.brokerAccountId,
    environment: oneOf(initialBalancesSchema.shape.environment, row.environment, 'account_openings.environment'),
    ...oneOf(balancesSchema, row.balances, 'account_openings.balances'),
    shownHash: row.shownHash,
    proposedAt: iso(row.proposedAt),
    signedBy: row.signedBy,
    signedAt: isoOrNull(row.signedAt),
    bookedAt: isoOrNull(row.bookedAt),
  };
}

export async function readReconciliation(db: PrismaClient): Promise<ReconciliationView> {
  const [account, breaks, openings] = await Promise.all([
    db.account.findUnique({ where: { id: 1 } }),
    db.break.findMany({ where: { resolvedAt: null }, take: 5_000 }),
    db.accountOpening.findMany({ where: { bookedAt: null, withdrawnAt: null }, orderBy: { proposedAt: 'asc' } }),
  ]);
  const [positions, orders] = await Promise.all([readHeld(db, account, breaks), readOrderLines(db, account, breaks)]);
  return {
    accountId: account?.brokerAccountId ?? null,
    openedBy: account?.openedBy ?? null,
    reconciledAt: isoOrNull(account?.reconciledAt ?? null),
    failedRounds: account?.failedRounds ?? 0,
    round: toRound(account?.round),
    openings: openings.map(toOpening),
    cash: cashLine(account, breaks),
    positions,
    orders: orders.lines,
    ordersTotal: orders.total,
  };
}
