import type { PrismaClient } from '@/server/adapters/postgres/generated/client';
import type { PortfolioView, PositionView } from '@/server/contracts/console/portfolio';
import type { PortfolioBody } from '@/server/contracts/portfolio';
import { divideFloor, formatMoney, formatUnits, ONE, parseMoney } from '@/server/kernel/money';
import { LIVE_STATUSES } from '@/server/kernel/vocabulary';
import { readPortfolio } from './read-portfolio';

interface WorkingRow {
  notional: string;
}

/** The portfolio as last read from the broker. What is not known is null, never zero. */
export async function getPortfolio(db: PrismaClient, nowMs: number): Promise<PortfolioBody> {
  const [view, working] = await Promise.all([
    readPortfolio(db),
    db.$queryRaw<WorkingRow[]>`
      SELECT coalesce(sum((qty - cum_qty) * reference_price), 0)::text AS notional
        FROM orders WHERE status = ANY (${[...LIVE_STATUSES]})`,
  ]);
  const known = view.portfolioAt !== null;
  return {
    account: toAccount(view, nowMs),
    positions: view.positions.map(toPosition),
    exposure: known ? toExposure(view, working[0]?.notional ?? '0') : null,
    day_pnl: known ? { amount: view.dayPnl, pct: view.dayPnlPct } : null,
  };
}

function toAccount(view: PortfolioView, nowMs: number): PortfolioBody['account'] {
  if (view.portfolioAt === null) return null;
  return {
    cash: view.cash,
    equity: view.equity,
    buying_power: view.buyingPower,
    last_equity: view.lastEquity,
    trading_day: view.tradingDay,
    as_of: view.portfolioAt,
    age_seconds: Math.max(0, (nowMs - Date.parse(view.portfolioAt)) / 1_000),
    reconciled_at: view.reconciledAt,
  };
}

function toPosition(position: PositionView): PortfolioBody['positions'][number] {
  return {
    symbol: position.symbol,
    qty: position.qty,
    broker_qty: position.brokerQty,
    cost: position.cost,
    avg_cost: position.avgCost,
    mark: position.mark,
    market_value: position.marketValue,
    unrealised_pnl: position.unrealisedPnl,
    realised_pnl: position.realisedPnl,
  };
}

function toExposure(view: PortfolioView, workingOrders: string): PortfolioBody['exposure'] {
  let gross = 0n;
  for (const { marketValue } of view.positions) {
    // A sum over an unknown is unknown, not smaller.
    if (marketValue === null) return null;
    const value = parseMoney(marketValue);
    gross += value < 0n ? -value : value;
  }
  const equity = parseMoney(view.equity);
  return {
    gross: formatMoney(gross),
    gross_pct: equity <= 0n ? null : formatUnits(divideFloor(gross * ONE, equity)),
    working_orders: formatMoney(parseMoney(workingOrders)),
  };
}
