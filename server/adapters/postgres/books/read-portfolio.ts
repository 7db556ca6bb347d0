import { toQuoteView } from '@/server/adapters/postgres/approvals/read-approvals';
import type { Position, PrismaClient, Quote } from '@/server/adapters/postgres/generated/client';
import { iso, isoOrNull, text, textOrNull } from '@/server/adapters/postgres/market/read-map';
import { readProtection } from '@/server/adapters/postgres/orders/protection-store';
import type { CurveRange } from '@/server/application/ports/console-reads';
import type { CurveView, PortfolioView, PositionView } from '@/server/contracts/console/portfolio';
import { nextProtectionStep, type ProtectionView } from '@/server/domain/protection/next-step';
import {
  averagePrice,
  divideFloor,
  formatMoney,
  formatUnits,
  notional,
  ONE,
  parseMoney,
  parseUnits,
} from '@/server/kernel/money';

/** What a long could be sold at, or a short bought back at; the broker's last mark when there is no quote. */
function markOf(position: Position, quote: Quote | undefined): string | null {
  if (quote === undefined) return textOrNull(position.marketPrice);
  return text(position.qty.isNegative() ? quote.ask : quote.bid);
}

function toProtection(view: ProtectionView | undefined): PositionView['protection'] {
  if (view === undefined) return null;
  const { owedQty, protectedQty, stopPrices, missing } = nextProtectionStep(view);
  if (owedQty === 0n) return null;
  return {
    owedQty: formatUnits(owedQty),
    protectedQty: formatUnits(protectedQty),
    stopPrices: stopPrices.map(formatUnits),
    missing,
  };
}

function toPositionView(
  position: Position,
  quote: Quote | undefined,
  differs: boolean,
): Omit<PositionView, 'protection'> {
  const qty = parseUnits(text(position.qty));
  const cost = parseMoney(text(position.cost));
  const mark = markOf(position, quote);
  const marketValue = mark === null ? null : notional(qty, parseUnits(mark));
  return {
    symbol: position.symbol,
    qty: text(position.qty),
    cost: text(position.cost),
    avgCost: qty === 0n ? null : formatUnits(averagePrice(cost, qty)),
    realisedPnl: text(position.realisedPnl),
    // Between a fill and the next round the broker's figure is merely older.
    brokerQty: differs ? textOrNull(position.brokerQty) : null,
    mark,
    marketValue: marketValue === null ? null : formatMoney(marketValue),
    unrealisedPnl: marketValue === null ? null : formatMoney(marketValue - cost),
    quote: quote === undefined ? null : toQuoteView(quote),
  };
}

function sumMoney(values: readonly (string | null)[]): string | null {
  let total = 0n;
  for (const value of values) {
    // A sum over an unknown is unknown, not smaller.
    if (value === null) return null;
    total += parseMoney(value);
  }
  return formatMoney(total);
}

export async function readPortfolio(db: PrismaClient): Promise<PortfolioView> {
  const [account, positions, quotes, snapshot, mismatches, exits, protection] = await Promise.all([
    db.account.findUnique({ where: { id: 1 } }),
    db.position.findMany({ orderBy: { symbol: 'asc' } }),
    db.quote.findMany(),
    db.portfolioSnapshot.findFirst({ orderBy: { at: 'desc' } }),
    db.break.findMany({ where: { resolvedAt: null, cause: 'POSITION_MISMATCH' }, select: { symbol: true } }),
    db.exit.findMany({ where: { endedAt: null }, orderBy: [{ requestedAt: 'asc' }, { id: 'asc' }] }),
    readProtection((sql) => db.$queryRawUnsafe<unknown[]>(sql)),
  ]);
  const protectionOf = new Map(protection.map((view) => [view.symbol, view]));
  const differing = new Set(mismatches.map((each) => each.symbol));
  const bySymbol = new Map(quotes.map((quote) => [quote.symbol, quote]));
  const views = positions.map((position) => ({
    ...toPositionView(position, bySymbol.get(position.symbol), differing.has(position.symbol)),
    protection: toProtection(protectionOf.get(position.symbol)),
  }));
  const equity = parseMoney(account === null ? '0' : text(account.equity));
  const lastEquity = parseMoney(account === null ? '0' : text(account.lastEquity));
  return {
    cash: account === null ? '0' : text(account.cash),
    equity: formatMoney(equity),
    buyingPower: account === null ? '0' : text(account.buyingPower),
    lastEquity: formatMoney(lastEquity),
    dayPnl: formatMoney(equity - lastEquity),
    dayPnlPct: lastEquity <= 0n ? null : formatUnits(divideFloor((equity - lastEquity) * ONE, lastEquity)),
    realisedPnl: sumMoney(views.map((view) => view.realisedPnl)) ?? '0',
    unrealisedPnl: sumMoney(views.filter((view) => parseUnits(view.qty) !== 0n).map((view) => view.unrealisedPnl)),
    grossExposure: snapshot === null ? null : text(snapshot.grossExposure),
    drawdownPct: snapshot === null ? null : text(snapshot.drawdownPct),
    tradingDay: account?.tradingDay ?? null,
    portfolioAt: isoOrNull(account?.portfolioAt ?? null),
    reconciledAt: isoOrNull(account?.reconciledAt ?? null),
    positions: views,
    exits: exits.map(({ id, symbol, qty, requestedBy, requestedAt, waitsFor }) => ({
      id,
      symbol,
      qty: textOrNull(qty),
      requestedBy,
      requestedAt: iso(requestedAt),
      waitsFor,
    })),
  };
}

const RANGE_SECONDS: Record<CurveRange, number | null> = { '1h': 3_600, '1d': 86_400, '1w': 604_800, all: null };
const TARGET_POINTS = 360;

interface BucketRow {
  at: Date;
  equity: string;
  drawdown_pct: string;
}

/** The last snapshot of each bucket; at most about 360 points, whatever the range holds. */
export async function readCurve(db: PrismaClient, range: CurveRange): Promise<CurveView> {
  const bounds = await db.portfolioSnapshot.aggregate({ _min: { at: true }, _max: { at: true } });
  const newest = bounds._max.at;
  const oldest = bounds._min.at;
  if (newest === null || oldest === null) return { points: [], stepSeconds: 5 };
  const span = RANGE_SECONDS[range];
  const fromMs = span === null ? oldest.getTime() : Math.max(oldest.getTime(), newest.getTime() - span * 1_000);
  const stepSeconds = Math.max(5, Math.ceil((newest.getTime() - fromMs) / 1_000 / TARGET_POINTS));
  const rows = await db.$queryRaw<BucketRow[]>`
    SELECT DISTINCT ON (bucket) bucket, at, equity::text AS equity, drawdown_pct::text AS drawdown_pct
      FROM (SELECT *, floor(extract(epoch FROM at) / ${stepSeconds}) AS bucket
              FROM portfolio_snapshots WHERE at >= ${new Date(fromMs)}) AS sampled
     ORDER BY bucket, at DESC`;
  return {
    points: rows.map((row) => ({ at: iso(row.at), equity: row.equity, drawdownPct: row.drawdown_pct })),
    stepSeconds,
  };
}
