import type { BrokerAccount, BrokerOrder, BrokerPosition } from '@/server/application/ports/broker';
import { BrokerError } from '@/server/application/ports/broker';
import { CASH_SYMBOL, type ReconciliationStore } from '@/server/application/ports/reconciliation-store';
import { formatMoney, type Money } from '@/server/domain/money/decimal';
import { comparePositions, confirmed, type PositionDifference } from './compare-portfolio';
import type { ExecutionContext } from './dependencies';

/** Between two looks at a difference: the stream's news is booked within it. */
const SECOND_LOOK_MS = 400;
/** Looks at one round's difference before it is believed. */
const LOOKS = 3;

export interface PortfolioLook {
  readonly account: BrokerAccount;
  readonly positions: readonly BrokerPosition[];
  readonly differences: readonly PositionDifference[];
  /** Our cash less the broker's. */
  readonly cashDifference: Money;
}

async function look(context: ExecutionContext, books: ReconciliationStore): Promise<PortfolioLook> {
  const { broker, persist } = context;
  const account = await broker.account();
  const positions = await broker.positions();
  const ours = await persist(() => books.positions());
  const cash = await persist(() => books.ledgerCash());
  return { account, positions, differences: comparePositions(ours, positions), cashDifference: cash - account.cash };
}

/** Books what the statement has gained since: fills and fees that came between two queries. */
export type CatchUp = () => Promise<void>;

const agrees = ({ differences, cashDifference }: PortfolioLook) => differences.length === 0 && cashDifference === 0n;

/** Looks until both sides agree, at most three times; what stays the same between the last two looks is a difference. */
async function settledLook(
  context: ExecutionContext,
  books: ReconciliationStore,
  catchUp: CatchUp,
): Promise<PortfolioLook> {
  let last = await look(context, books);
  for (let n = 1; n < LOOKS && !agrees(last); n++) {
    await context.clock.sleep(SECOND_LOOK_MS, context.signal);
    await catchUp();
    const next = await look(context, books);
    const sameCash = next.cashDifference === last.cashDifference;
    last = { ...next, differences: n === LOOKS - 1 ? confirmed(last.differences, next.differences) : next.differences };
    if (n === LOOKS - 1 && !sameCash) last = { ...last, cashDifference: 0n };
  }
  return last;
}

/** Opens what differs and closes what agrees again. */
async function keepBreaks(context: ExecutionContext, books: ReconciliationStore, found: PortfolioLook): Promise<void> {
  const { persist, log } = context;
  for (const { symbol, cause, orderId, ours, theirs } of found.differences) {
    const figures = { ours: { qty: ours }, theirs: { qty: theirs } };
    const opened = await persist(() => books.openBreak({ symbol, orderId, cause, ...figures }));
    if (opened) log.error({ symbol, ...figures }, 'our position differs from the broker');
  }
  if (found.cashDifference !== 0n) {
    const ours = { cash: formatMoney(found.account.cash + found.cashDifference) };
    const theirs = { cash: formatMoney(found.account.cash) };
    const opened = await persist(() =>
      books.openBreak({ symbol: CASH_SYMBOL, orderId: null, cause: 'CASH_MISMATCH', ours, theirs }),
    );
    if (opened) log.error({ ours, theirs }, 'our cash differs from the broker');
  }
  const differing = new Set(found.differences.map(({ symbol }) => symbol));
  for (const { id, cause, symbol } of await persist(() => books.openBreaks())) {
    const settled =
      (cause === 'POSITION_MISMATCH' && !differing.has(symbol)) ||
      (cause === 'CASH_MISMATCH' && found.cashDifference === 0n);
    if (settled) await persist(() => books.resolveBreak(id, 'both sides agree again'));
  }
}

/** Breaks of orders that the broker's word has settled meanwhile. */
export async function settleOrderBreaks(context: ExecutionContext, books: ReconciliationStore): Promise<void> {
  const { broker, persist, store } = context;
  for (const { id, cause, orderId } of await persist(() => books.openBreaks())) {
    if ((cause !== 'MISSING_AT_BROKER' && cause !== 'LATE_FILL') || orderId === null) continue;
    const ours = await persist(() => store.load({ orderId }));
    const external = ours?.state.externalOrderId ?? null;
    const theirs = external === null ? null : await broker.orderById(external);
    if (ours !== null && theirs !== null && theirs.filledQty === ours.state.cumQty) {
      await persist(() => books.resolveBreak(id, 'the broker and we agree on what was filled'));
    }
  }
}

/**
 * What may be spent before working buys are set aside. The broker's figure is net of them and we count them ourselves:
 * what it holds for orders that it listed before and after the account was read is put back. Never more than it could be.
 */
export function grossBuyingPower(
  account: BrokerAccount,
  before: readonly BrokerOrder[],
  after: readonly BrokerOrder[],
  referencePrices: ReadonlyMap<string, bigint>,
): Money {
  const listed = new Set(before.map(({ externalOrderId }) => externalOrderId));
  let held = 0n;
  for (const order of after) {
    if (order.side !== 'BUY' || order.qty === null || !listed.has(order.externalOrderId)) continue;
    const price = order.limitPrice ?? order.stopPrice ?? referencePrices.get(order.externalOrderId) ?? 0n;
    held += (order.qty - order.filledQty) * price;
  }
  return account.buyingPower + held;
}

/** The first connection: what the account holds is taken as opening balances, signed for by `signedBy`. */
export async function openAccount(
  context: ExecutionContext,
  books: ReconciliationStore,
  signedBy: string | null,
): Promise<void> {
  const { broker, persist, log } = context;
  if (signedBy === null) {
    throw new BrokerError('refused', "a person must sign for this account's opening balances before anything trades");
  }
  const [before, clock] = [await broker.account(), await broker.clock()];
  const positions = await broker.positions();
  const account = await broker.account();
  // Something traded between the looks: cash and holdings would not belong together.
  if (account.cash !== before.cash)
    throw new BrokerError('uncertain', 'the account changed while its opening balances were read');
  await persist(() => books.open(account, positions, signedBy, clock.marketTimeMs));
  log.info(
    { account: account.accountId, cash: formatMoney(account.cash), positions: positions.length, signedBy },
    'opening balances booked',
  );
}

/** Compares positions and cash with the broker's, keeps the breaks, and returns the last look. */
export async function reconcilePortfolio(
  context: ExecutionContext,
  books: ReconciliationStore,
  catchUp: CatchUp,
): Promise<PortfolioLook> {
  const found = await settledLook(context, books, catchUp);
  await keepBreaks(context, books, found);
  await settleOrderBreaks(context, books);
  return found;
}
