import type { PrismaClient } from '@/server/adapters/postgres/generated/client';
import { type MarketHealthRow, marketHealthRowSchema } from '@/server/contracts/console/market-health';
import { iso, isoOrNull } from './read-map';

const refusedSchema = marketHealthRowSchema.shape.refused;

/** How market data comes in, by symbol. */
export async function readMarketHealth(db: PrismaClient): Promise<MarketHealthRow[]> {
  const rows = await db.marketHealth.findMany({ orderBy: { symbol: 'asc' } });
  return rows.map((row) => ({
    symbol: row.symbol,
    subscribed: row.subscribed,
    lastQuoteAt: isoOrNull(row.lastQuoteAt),
    lastTradeAt: isoOrNull(row.lastTradeAt),
    lastBarAt: isoOrNull(row.lastBarAt),
    quotes: Number(row.quotes),
    trades: Number(row.trades),
    bars: Number(row.bars),
    refused: refusedSchema.catch({}).parse(row.refused),
    gaps: Number(row.gaps),
    empty: Number(row.empty),
    corrected: Number(row.corrected),
    missing: Number(row.missing),
    staleSince: isoOrNull(row.staleSince),
    since: iso(row.since),
    updatedAt: iso(row.updatedAt),
  }));
}
