import { readPendingApprovals } from '@/server/adapters/postgres/approvals/read-approvals';
import type { PrismaClient } from '@/server/adapters/postgres/generated/client';
import { iso, text, textOrNull } from '@/server/adapters/postgres/market/read-map';
import { ORDER_ROW_SELECT, toOrderRow } from '@/server/adapters/postgres/orders/read-order-row';
import { readDecisions } from '@/server/adapters/postgres/signals/read-policy';
import type { OverviewView } from '@/server/contracts/console/overview';
import { divideFloor, formatUnits, ONE, parseMoney, parseUnits } from '@/server/kernel/money';
import { LIVE_STATUSES } from '@/server/kernel/vocabulary';
import { policyOrNull } from './policy-versions';

const DECISIONS_SHOWN = 12;

/** Share of equity held in each symbol at the last known mark, largest first; unknown marks are left out. */
async function readExposures(db: PrismaClient): Promise<OverviewView['exposures']> {
  const [account, positions] = await Promise.all([
    db.account.findUnique({ where: { id: 1 } }),
    db.position.findMany({ where: { NOT: { qty: 0 } } }),
  ]);
  const equity = account === null ? 0n : parseMoney(text(account.equity));
  if (equity <= 0n) return [];
  return positions
    .flatMap((position) => {
      const price = textOrNull(position.marketPrice);
      if (price === null) return [];
      const value = parseUnits(text(position.qty.abs())) * parseUnits(price);
      return [{ symbol: position.symbol, pct: divideFloor(value * ONE, equity) }];
    })
    .sort((a, b) => (a.pct < b.pct ? 1 : -1))
    .map((row) => ({ symbol: row.symbol, pct: formatUnits(row.pct) }));
}

export async function readOverview(db: PrismaClient): Promise<OverviewView> {
  const [approvals, troubled, breaks, decisions, workingOrders, snapshot, settings, exposures] = await Promise.all([
    readPendingApprovals(db),
    db.order.findMany({
      where: {
        OR: [
          { status: { in: LIVE_STATUSES }, flags: { has: 'SUBMIT_UNCERTAIN' } },
          { cancelRequested: true },
          { status: 'REJECTED', updatedAt: { gt: await hourAgo(db) } },
        ],
      },
      select: ORDER_ROW_SELECT,
      orderBy: { updatedAt: 'desc' },
      take: 20,
    }),
    db.break.findMany({ where: { resolvedAt: null }, orderBy: { openedAt: 'asc' }, take: 20 }),
    readDecisions(db, { decision: null, cursor: null, limit: DECISIONS_SHOWN }),
    db.order.count({ where: { status: { in: LIVE_STATUSES } } }),
    db.portfolioSnapshot.findFirst({ orderBy: { at: 'desc' } }),
    db.settings.findUnique({ where: { id: 1 } }),
    readExposures(db),
  ]);
  const policy =
    settings === null ? null : await db.policyVersion.findUnique({ where: { version: settings.activePolicyVersion } });
  const limits = policyOrNull(policy?.body);
  return {
    approvals,
    troubledOrders: troubled.map(toOrderRow),
    breaks: breaks.map((row) => ({ id: row.id, symbol: row.symbol, cause: row.cause, openedAt: iso(row.openedAt) })),
    decisions: decisions.rows,
    workingOrders,
    grossExposure: snapshot === null ? null : text(snapshot.grossExposure),
    grossExposureLimit: limits === null ? null : String(limits.max_gross_exposure_pct),
    drawdownPct: snapshot === null ? null : text(snapshot.drawdownPct),
    drawdownLimit: limits === null ? null : String(limits.max_daily_drawdown_pct),
    exposures,
  };
}

/** By the database's clock: the web process's own may differ. */
async function hourAgo(db: PrismaClient): Promise<Date> {
  const [row] = await db.$queryRaw<{ at: Date }[]>`SELECT clock_timestamp() - interval '1 hour' AS at`;
  if (row === undefined) throw new Error('The clock query returned no row');
  return row.at;
}
