import { bookNonTrades } from '@/server/application/booking/book-non-trades';
import type { ExecutionContext } from '@/server/application/execution-context';
import type { BrokerActivity, BrokerOrder, NonTradeActivity } from '@/server/application/ports/broker';
import type { ReconciliationStore } from '@/server/application/ports/reconciliation-store';
import type { DayWindow, TieOutStore } from '@/server/application/ports/tie-out-store';
import type { Money } from '@/server/kernel/money';
import { compareSides, type TiedFill, type TiedSide, type TieOutReport } from './tie-out-report';

/** Between two looks: the stream's news is booked within it. */
const LOOK_AGAIN_MS = 700;
const LOOKS = 6;

export interface TieOutTools {
  readonly books: Pick<ReconciliationStore, 'bookNonTrades'>;
  readonly tieOuts: Pick<TieOutStore, 'ourSide'>;
  /** What one amount of the broker's may be off (P-16). */
  readonly cashRounding: Money;
}

export type TieOutResult =
  | { readonly settled: true; readonly report: TieOutReport; readonly looks: number }
  /** Both sides never stood still for long enough. */
  | { readonly settled: false; readonly looks: number };

const within = ({ fromMs, untilMs }: DayWindow, atMs: number) => atMs >= fromMs && atMs < untilMs;

const openOrder = ({ externalOrderId, symbol, qty, filledQty }: BrokerOrder) => ({
  externalOrderId,
  symbol,
  qty: qty ?? 0n,
  filledQty,
});

function fillsOf(statement: readonly BrokerActivity[], day: DayWindow): TiedFill[] {
  return statement.flatMap((each) => {
    if (each.kind !== 'FILL' || !within(day, each.atMs)) return [];
    const { executionId, externalOrderId, symbol, side, qty, price } = each;
    return [{ executionId, externalOrderId, symbol, qty: side === 'BUY' ? qty : -qty, price }];
  });
}

function feesOf(statement: readonly BrokerActivity[], day: DayWindow): Money {
  let paid = 0n;
  for (const each of statement) {
    if (each.kind !== 'NON_TRADE' || each.status === 'CANCELLED' || !within(day, each.atMs)) continue;
    if (each.category === 'FEE') paid -= each.amount;
  }
  return paid;
}

interface TheirLook {
  readonly side: TiedSide;
  readonly nonTrades: readonly NonTradeActivity[];
}

/** The broker's side; null when cash moved while it was read: its figures are not of one moment. */
async function theirLook({ broker }: ExecutionContext, day: DayWindow): Promise<TheirLook | null> {
  const before = await broker.account();
  const [positions, open, statement] = [
    await broker.positions(),
    await broker.openOrders(),
    await broker.activitiesAfter(Math.max(0, day.fromMs - 1)),
  ];
  const { cash } = await broker.account();
  if (cash !== before.cash) return null;
  const side = {
    cash,
    fees: feesOf(statement, day),
    positions: new Map(positions.filter(({ qty }) => qty !== 0n).map(({ symbol, qty }) => [symbol, qty])),
    openOrders: open.map(openOrder),
    fills: fillsOf(statement, day),
  };
  return { side, nonTrades: statement.filter((each) => each.kind === 'NON_TRADE') };
}

/**
 * Compares both sides of the account at a moment at which neither moved. A look without a difference is such a moment; a
 * difference is believed when two looks in a row show the same.
 * @throws BrokerError when the broker does not answer: nothing is compared then
 */
export async function takeTieOut(context: ExecutionContext, tools: TieOutTools, day: DayWindow): Promise<TieOutResult> {
  let last: string | null = null;
  for (let looks = 1; looks <= LOOKS; looks++) {
    if (looks > 1) await context.clock.sleep(LOOK_AGAIN_MS, context.signal);
    const theirs = await theirLook(context, day);
    if (theirs === null) {
      last = null;
      continue;
    }
    await bookNonTrades(context, tools.books, theirs.nonTrades);
    const ours = await context.persist(() => tools.tieOuts.ourSide(day));
    const report = compareSides(ours, theirs.side, tools.cashRounding);
    const figures = JSON.stringify(report);
    if (report.differences === 0 || figures === last) return { settled: true, report, looks };
    last = figures;
  }
  return { settled: false, looks: LOOKS };
}
