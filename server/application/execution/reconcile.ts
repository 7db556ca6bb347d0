import { BrokerError } from '@/server/application/ports/broker';
import type { ReconciliationStore } from '@/server/application/ports/reconciliation-store';
import type { ExecutionContext } from './dependencies';
import { failpoint } from './failpoint';
import { bookActivities, type OrderRound, reconcileOrders } from './reconcile-orders';
import { grossBuyingPower, openAccount, reconcilePortfolio } from './reconcile-portfolio';
import { newYorkDateOf } from './trading-day';

export interface ReconciliationOptions {
  /** Who signs for the opening balances of a new account; null when a person must. */
  readonly openingSignedBy: string | null;
  readonly overlapMs: number;
  /** Orders changed within this time are left for the next round. */
  readonly settleMs: number;
}

/** @throws BrokerError when the broker now shows another account than the one our books are of */
async function knownAccount(context: ExecutionContext, books: ReconciliationStore, options: ReconciliationOptions) {
  const { broker, persist } = context;
  const row = await persist(() => books.account());
  if (row.brokerAccountId === null) {
    await openAccount(context, books, options.openingSignedBy);
    return persist(() => books.account());
  }
  const { accountId } = await broker.account();
  if (accountId !== row.brokerAccountId) {
    throw new BrokerError(
      'refused',
      `the broker shows account ${accountId}, but the books are of account ${row.brokerAccountId}`,
    );
  }
  return row;
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
  const { broker, persist, fence, clock, store } = context;
  const roundStartedAtMs = clock.nowMs();
  const account = await knownAccount(context, books, options);
  const cursorMs = account.activityCursorMs ?? 0;
  const round = await reconcileOrders(context, books, {
    settleMs: options.settleMs,
    overlapMs: options.overlapMs,
    cursorMs,
  });
  failpoint('reconcile-orders-done');
  const found = await reconcilePortfolio(context, books, async () => {
    await bookActivities(context, books, await broker.activitiesAfter(Math.max(0, round.cursorMs - options.overlapMs)));
  });
  failpoint('reconcile-compared');
  const after = await broker.openOrders();
  const { marketTimeMs } = await broker.clock();
  const live = await persist(() => store.live());
  const references = new Map(live.map((order) => [order.state.externalOrderId ?? '', order.referencePrice]));
  await persist(() =>
    books.savePortfolio(fence, {
      account: found.account,
      buyingPower: grossBuyingPower(found.account, round.open, after, references),
      positions: found.positions,
      tradingDay: newYorkDateOf(marketTimeMs),
      activityCursorMs: round.cursorMs,
      roundStartedAtMs,
    }),
  );
  failpoint('reconcile-saved');
  return { ...round, open: after };
}
