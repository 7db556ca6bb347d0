import type { ExecutionContext } from '@/server/application/execution-context';
import { enforceLimits } from '@/server/application/halt/enforce-limits';
import { type BrokerAccount, BrokerError } from '@/server/application/ports/broker';
import {
  type AccountRow,
  CASH_SYMBOL,
  type ReconciliationStore,
} from '@/server/application/ports/reconciliation-store';
import { bookInitialBalances } from '@/server/application/reconciliation/initial-balances';
import { closeBefore, lastCloseMs, tradingDayAt } from '@/server/domain/position/trading-day';
import { failpoint } from '@/server/kernel/failpoint';
import type { Money } from '@/server/kernel/money';
import { grossBuyingPower } from './buying-power';
import { type OrderRound, reconcileOrders } from './reconcile-orders';
import { reconcilePortfolio } from './reconcile-portfolio';
import { keepUnreadableItems } from './unreadable-items';

export interface ReconciliationOptions {
  /** Who signs for the opening balances of a new account; null when a person must. */
  readonly initialBalancesSignedBy: string | null;
  readonly overlapMs: number;
  /** Orders changed within this time are left for the next round. */
  readonly settleMs: number;
  /** What one amount of the broker's may be off by rounding (P-16). Nothing by default. */
  readonly cashRounding?: Money;
}

interface KnownAccount {
  readonly row: AccountRow;
  /** Market time up to which activities are booked, epoch ms. */
  readonly cursorMs: number;
  /** As the broker stated it when the round began. */
  readonly stated: BrokerAccount;
}

/** @throws BrokerError when the broker now shows another account than the one our books are of */
async function knownAccount(
  context: ExecutionContext,
  books: ReconciliationStore,
  options: ReconciliationOptions,
): Promise<KnownAccount> {
  const { broker, persist } = context;
  let row = await persist(() => books.account());
  if (row.brokerAccountId === null) {
    await bookInitialBalances(context, books, options.initialBalancesSignedBy);
    row = await persist(() => books.account());
  }
  const stated = await broker.account();
  if (stated.accountId !== row.brokerAccountId) {
    throw new BrokerError(
      'refused',
      `the broker shows account ${stated.accountId}, but the books are of account ${row.brokerAccountId}`,
    );
  }
  return { row, cursorMs: row.activityCursorMs ?? 0, stated };
}

/**
 * All is booked by now; what is not said is that the account may trade: so the gate and the sender wait. While trading is
 * halted nothing opens anyway, and the release that ends a suspension of our own needs a clean round.
 * @throws BrokerError
 */
export async function mayTrade(
  context: Pick<ExecutionContext, 'persist'>,
  books: Pick<ReconciliationStore, 'halt'>,
  { tradingBlocked, blockedBy = [] }: Pick<BrokerAccount, 'tradingBlocked' | 'blockedBy'>,
): Promise<void> {
  if (!tradingBlocked || (await context.persist(() => books.halt())) !== null) return;
  const why = blockedBy.length === 0 ? '' : ` (${blockedBy.join(', ')})`;
  throw new BrokerError('refused', `the broker lets this account not trade${why}`, { status: 403 });
}

/**
 * One round: orders and fills, then fees and other cash, then positions, cash and the account. Only a round whose every query
 * was answered counts; anything else throws and nothing of it is read as "none".
 */
export async function reconcile(
  context: ExecutionContext,
  books: ReconciliationStore,
  options: ReconciliationOptions,
): Promise<OrderRound> {
  const { broker, persist, fence, clock } = context;
  const { settleMs } = options;
  const roundStartedAtMs = clock.nowMs();
  const { marketTimeMs, isOpen } = await broker.clock();
  const { row, cursorMs, stated } = await knownAccount(context, books, options);
  // What happened before the account was opened is in its opening balances.
  const overlapMs = Math.min(options.overlapMs, Math.max(0, cursorMs - (row.openedAtMs ?? 0)));
  const openedAtMs = row.openedAtMs ?? 0;
  const closedAtMs = isOpen ? null : lastCloseMs(marketTimeMs);
  const round = await reconcileOrders(context, books, { settleMs, overlapMs, cursorMs, openedAtMs, closedAtMs });
  failpoint('reconcile-orders-done');
  const catchUp = async () => {
    await reconcileOrders(context, books, {
      settleMs,
      overlapMs,
      cursorMs: round.cursorMs,
      openedAtMs,
      closedAtMs: null,
    });
  };
  const found = await reconcilePortfolio(context, books, catchUp, options.cashRounding);
  await keepUnreadableItems(context, books, [...round.unreadable, ...found.unreadable]);
  failpoint('reconcile-compared');
  await mayTrade(context, books, found.account);
  const tradingDay = tradingDayAt({ marketTimeMs, isOpen }, row.tradingDay);
  const day = await persist(() =>
    books.savePortfolio(fence, {
      account: found.account,
      buyingPower: grossBuyingPower(stated, marketTimeMs, round.open, round.referencePrices),
      positions: found.positions,
      buyingPowerCash: stated.cash,
      tradingDay,
      closeBeforeMs: closeBefore({ marketTimeMs, isOpen }, tradingDay),
      // A broker may date a dividend ahead: what trades until then must still be read.
      activityCursorMs: Math.min(round.cursorMs, marketTimeMs),
      roundStartedAtMs,
    }),
  );
  failpoint('reconcile-saved');
  const equity = found.unsettled.has(CASH_SYMBOL) ? null : found.account.equity + found.cashDifference;
  await enforceLimits(context, books, day, tradingDay, equity);
  return round;
}
