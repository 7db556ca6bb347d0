import { type MarketClock, Prisma, type PrismaClient } from '@/server/adapters/postgres/generated/client';
import { freshFeatures } from '@/server/application/placing/market-inputs';
import type { GateFeatures } from '@/server/application/ports/placement-store';
import type { MarketDetail, MarketRow } from '@/server/contracts/console/market';
import { liquidityScore, portfolioCorrelation } from '@/server/domain/features';
import { readMarketEvents } from './read-events';
import { toFeatureFigures } from './read-feature-figures';
import { iso, isoOrNull, text } from './read-map';
import { readCalendar } from './read-market-calendar';
import { readMarketHealth } from './read-market-health';

interface SymbolRow {
  symbol: string;
  bid: string | null;
  ask: string | null;
  bid_size: string | null;
  ask_size: string | null;
  quoted_at: Date | null;
  received_at: Date | null;
  close: string | null;
  close_at: Date | null;
  previous_close: string | null;
  allowed: boolean;
  held: string;
}

const MINUTE = Prisma.sql`interval '1 minute'`;

/** Every symbol that may trade, is held, or is quoted; or the one that is named. */
async function readRows(db: PrismaClient, only: string | null): Promise<SymbolRow[]> {
  return db.$queryRaw<SymbolRow[]>`
    WITH allowed AS (
      SELECT jsonb_array_elements_text(coalesce(v.body->'allowlist', '[]')) AS symbol
        FROM settings s JOIN policy_versions v ON v.version = s.active_policy_version),
    symbols AS (
      SELECT symbol FROM allowed UNION SELECT symbol FROM positions WHERE qty <> 0 UNION SELECT symbol FROM quotes)
    SELECT symbols.symbol, trim_scale(q.bid)::text AS bid, trim_scale(q.ask)::text AS ask,
           trim_scale(q.bid_size)::text AS bid_size, trim_scale(q.ask_size)::text AS ask_size, q.quoted_at, q.received_at,
           trim_scale(last.close)::text AS close, last.start_at + ${MINUTE} AS close_at,
           trim_scale(coalesce(before.close, first.open))::text AS previous_close,
           EXISTS (SELECT FROM allowed a WHERE a.symbol = symbols.symbol) AS allowed,
           coalesce(trim_scale(p.qty)::text, '0') AS held
      FROM symbols
      LEFT JOIN quotes q USING (symbol)
      LEFT JOIN positions p USING (symbol)
      LEFT JOIN LATERAL (SELECT close, start_at FROM bars b WHERE b.symbol = symbols.symbol ORDER BY start_at DESC LIMIT 1) AS last ON true
      LEFT JOIN LATERAL (SELECT close FROM bars b WHERE b.symbol = symbols.symbol
                            AND b.start_at < date_trunc('day', last.start_at, 'America/New_York') ORDER BY start_at DESC LIMIT 1) AS before ON true
      LEFT JOIN LATERAL (SELECT open FROM bars b WHERE b.symbol = symbols.symbol
                            AND b.start_at >= date_trunc('day', last.start_at, 'America/New_York') ORDER BY start_at LIMIT 1) AS first ON true
     WHERE ${only}::text IS NULL OR symbols.symbol = ${only}
     ORDER BY symbols.symbol`;
}

function toRow(row: SymbolRow, health: MarketRow['health']): MarketRow {
  const { symbol, bid, ask, quoted_at: quotedAt, received_at: receivedAt } = row;
  const quoted = bid !== null && ask !== null && quotedAt !== null && receivedAt !== null;
  return {
    symbol,
    quote: quoted
      ? {
          symbol,
          bid,
          ask,
          bidSize: row.bid_size ?? '0',
          askSize: row.ask_size ?? '0',
          quotedAt: iso(quotedAt),
          receivedAt: iso(receivedAt),
        }
      : null,
    close: row.close,
    closeAt: isoOrNull(row.close_at),
    previousClose: row.previous_close,
    allowed: row.allowed,
    held: row.held,
    health,
  };
}

/** Each symbol's newest figures, in alphabetical order. */
export async function readMarket(db: PrismaClient): Promise<MarketRow[]> {
  const [rows, health] = await Promise.all([readRows(db, null), readMarketHealth(db)]);
  const bySymbol = new Map(health.map((row) => [row.symbol, row]));
  return rows.map((row) => toRow(row, bySymbol.get(row.symbol) ?? null));
}

interface Features extends GateFeatures {
  readonly snapshot: unknown;
}

function closesOf(stored: unknown): GateFeatures['closes'] {
  if (!Array.isArray(stored)) return new Map();
  const pairs: unknown[] = stored;
  return new Map(
    pairs.flatMap((pair): [number, number][] => {
      if (!Array.isArray(pair)) return [];
      const [endMs, close]: unknown[] = pair;
      return typeof endMs === 'number' && typeof close === 'number' ? [[endMs, close]] : [];
    }),
  );
}

async function readFeatures(db: PrismaClient, symbols: readonly string[]): Promise<ReadonlyMap<string, Features>> {
  const rows = await db.feature.findMany({ where: { symbol: { in: [...symbols] } } });
  return new Map(
    rows.map((row) => [
      row.symbol,
      {
        snapshot: row.snapshot,
        atMs: row.at.getTime(),
        dollarsPerMinute: row.dollarsPerMinute === null ? null : Number(text(row.dollarsPerMinute)),
        closes: closesOf(row.closes),
      },
    ]),
  );
}

/** As the gate scores it: from the newest quote and the last bars. */
function scoreOf(quote: MarketRow['quote'], features: GateFeatures | null): number | null {
  if (quote === null || features === null || features.dollarsPerMinute === null) return null;
  return liquidityScore({
    bid: Number(quote.bid),
    ask: Number(quote.ask),
    bidSize: Number(quote.bidSize),
    askSize: Number(quote.askSize),
    dollarsPerMinute: features.dollarsPerMinute,
  });
}

/** Liquidity and correlation as the gate would have them now: features that are old count as none. */
async function readJudged(db: PrismaClient, row: MarketRow, clock: MarketClock | null) {
  const positions = await db.position.findMany({ where: { qty: { not: 0 }, symbol: { not: row.symbol } } });
  const all = await readFeatures(db, [row.symbol, ...positions.map(({ symbol }) => symbol)]);
  const marketMs = clock === null ? Number.NaN : clock.marketTime.getTime();
  const nowMs = clock === null ? Number.NaN : marketMs + (Date.now() - clock.observedAt.getTime()) * clock.speed;
  const fresh = (of: string) => (clock === null ? null : freshFeatures(all.get(of), clock, nowMs));
  const holdings = positions.map(({ symbol, qty, marketPrice }) => ({
    symbol,
    value: Number(text(qty)) * Number(marketPrice === null ? '0' : text(marketPrice)),
  }));
  const own = fresh(row.symbol);
  return {
    features: toFeatureFigures(all.get(row.symbol)?.snapshot),
    liquidity: scoreOf(row.quote, own),
    correlation: own === null ? null : portfolioCorrelation(own.closes, holdings, (of) => fresh(of)?.closes),
  };
}

/** Everything that is known of one symbol; null where nothing is. */
export async function readMarketSymbol(db: PrismaClient, symbol: string): Promise<MarketDetail | null> {
  const [rows, health, events, clock] = await Promise.all([
    readRows(db, symbol),
    readMarketHealth(db),
    readMarketEvents(db, { state: 'current', symbol, limit: 20 }),
    db.marketClock.findUnique({ where: { id: 1 } }),
  ]);
  const found = rows[0];
  if (found === undefined) return null;
  const row = toRow(found, health.find((line) => line.symbol === symbol) ?? null);
  return { row, ...(await readJudged(db, row, clock)), calendar: readCalendar(clock), events: events.rows };
}
