import { Prisma, type PrismaClient } from '@/server/adapters/postgres/generated/client';
import {
  eventKindSchema,
  type MarketEventList,
  type MarketEventListInput,
  type MarketEventView,
} from '@/server/contracts/console/market-events';
import { marketEventSourceSchema } from '@/server/kernel/vocabulary';
import { iso, isoOrNull, oneOf } from './read-map';

interface EventRow {
  id: string;
  kind: string;
  symbol: string | null;
  title: string;
  starts_at: Date;
  ends_at: Date;
  source: string;
  created_by: string;
  created_at: Date;
  removed_at: Date | null;
  removed_by: string | null;
  total: number;
}

/** The market's own time, which a recording has too; the wall clock before there is one. */
export const MARKET_NOW = Prisma.sql`coalesce((SELECT market_time + (clock_timestamp() - observed_at) * speed FROM market_clock WHERE id = 1), clock_timestamp())`;

function toView(row: EventRow): MarketEventView {
  return {
    id: row.id,
    kind: oneOf(eventKindSchema, row.kind, 'market_events.kind'),
    symbol: row.symbol,
    title: row.title,
    startsAt: iso(row.starts_at),
    endsAt: iso(row.ends_at),
    source: oneOf(marketEventSourceSchema, row.source, 'market_events.source'),
    createdBy: row.created_by,
    createdAt: iso(row.created_at),
    removedAt: isoOrNull(row.removed_at),
    removedBy: row.removed_by,
  };
}

const STATES: Record<MarketEventListInput['state'], Prisma.Sql> = {
  current: Prisma.sql`removed_at IS NULL AND ends_at > ${MARKET_NOW}`,
  past: Prisma.sql`removed_at IS NULL AND ends_at <= ${MARKET_NOW}`,
  removed: Prisma.sql`removed_at IS NOT NULL`,
  all: Prisma.sql`true`,
};

/** Events by the market's time; those of one symbol include those of every symbol. */
export async function readMarketEvents(db: PrismaClient, input: MarketEventListInput): Promise<MarketEventList> {
  const symbol = input.symbol === '' ? Prisma.sql`true` : Prisma.sql`(symbol IS NULL OR symbol = ${input.symbol})`;
  const order = input.state === 'current' ? Prisma.sql`starts_at, ends_at, id` : Prisma.sql`starts_at DESC, id`;
  const rows = await db.$queryRaw<EventRow[]>`
    SELECT id::text, kind, symbol, title, starts_at, ends_at, source, created_by, created_at, removed_at, removed_by,
           (count(*) OVER ())::int AS total
      FROM market_events WHERE ${STATES[input.state]} AND ${symbol} ORDER BY ${order} LIMIT ${input.limit}`;
  return { rows: rows.map(toView), total: rows[0]?.total ?? 0 };
}
