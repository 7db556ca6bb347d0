import type { PrismaClient } from '@/server/adapters/postgres/generated/client';
import type { BarReader } from '@/server/application/history/read-bars';
import type { BarRangeName, BarsView, ChartFill, ChartShade } from '@/server/contracts/console/market';
import { newYorkDate, newYorkMidnightMs } from '@/server/domain/calendar';
import type { Bar } from '@/server/domain/exchange/types';
import { joinBars } from '@/server/domain/market/join-bars';
import { formatUnits } from '@/server/kernel/money';
import { sideSchema } from '@/server/kernel/vocabulary';
import { iso, isoOrNull, oneOf } from './read-map';

interface BarRow {
  at: number;
  open: string;
  high: string;
  low: string;
  close: string;
  volume: string;
  traded: boolean;
}

interface FillRow {
  order_id: string;
  side: string;
  qty: string;
  price: string;
  at: Date;
}

interface ShadeRow {
  kind: 'EVENT' | 'HALT';
  label: string;
  starts_at: Date;
  ends_at: Date | null;
}

/** How far back, and bars of which length: about as many of them as a screen can show. */
const RANGES: Record<BarRangeName, { readonly days: number; readonly stepSeconds: number }> = {
  day: { days: 0, stepSeconds: 60 },
  week: { days: 6, stepSeconds: 300 },
  month: { days: 30, stepSeconds: 1_800 },
  year: { days: 365, stepSeconds: 86_400 },
};

/** These days are in the table, those before them in the history alone. */
const RECENT: Record<BarRangeName, boolean> = { day: true, week: true, month: false, year: false };

const MAX_FILLS = 500;
const DAY_MS = 86_400_000;
/** A month of minutes, round the clock. */
const MOST_BARS = 50_000;

type Tuples = BarsView['bars'];

async function readRecent(db: PrismaClient, symbol: string, range: BarRangeName): Promise<Tuples> {
  const { days, stepSeconds } = RANGES[range];
  const rows = await db.$queryRaw<BarRow[]>`
    SELECT epoch_ms(date_bin(make_interval(secs => ${stepSeconds}), start_at, 'epoch'::timestamptz))::float8 AS at,
           trim_scale((array_agg(open ORDER BY start_at))[1])::text AS open, trim_scale(max(high))::text AS high,
           trim_scale(min(low))::text AS low, trim_scale((array_agg(close ORDER BY start_at DESC))[1])::text AS close,
           trim_scale(sum(volume))::text AS volume, bool_or(source <> 'CLOCK') AS traded
      FROM bars
     WHERE symbol = ${symbol}
       AND start_at >= (SELECT date_trunc('day', max(start_at), 'America/New_York') - make_interval(days => ${days}) FROM bars WHERE symbol = ${symbol})
     GROUP BY 1 ORDER BY 1`;
  return rows.map(({ at, open, high, low, close, volume, traded }) => [at, open, high, low, close, volume, traded]);
}

const toTuple = ({ startMs, open, high, low, close, volume }: Bar): Tuples[number] => [
  startMs,
  formatUnits(open),
  formatUnits(high),
  formatUnits(low),
  formatUnits(close),
  formatUnits(volume),
  volume > 0n,
];

/** Wherever they are stored; back from the newest. */
async function readStored(reader: BarReader, symbol: string, range: BarRangeName): Promise<Tuples> {
  const { days, stepSeconds } = RANGES[range];
  const period = range === 'year' ? '1d' : '1m';
  const newest = await reader.read({ symbol, period, fromMs: null, toMs: null, limit: { bars: 1, of: 'newest' } });
  const last = newest?.[0];
  if (last === undefined) return [];
  const fromMs = newYorkMidnightMs(newYorkDate(last.startMs)) - days * DAY_MS;
  const bars = await reader.read({ symbol, period, fromMs, toMs: null, limit: { bars: MOST_BARS, of: 'newest' } });
  return (period === '1d' ? (bars ?? []) : joinBars(bars ?? [], stepSeconds * 1_000)).map(toTuple);
}

async function readFills(db: PrismaClient, symbol: string, from: Date, to: Date): Promise<ChartFill[]> {
  const rows = await db.$queryRaw<FillRow[]>`
    SELECT order_id::text, side, trim_scale(qty)::text AS qty, trim_scale(price)::text AS price, at FROM fills
     WHERE symbol = ${symbol} AND NOT busted AND at >= ${from} AND at < ${to} ORDER BY at DESC LIMIT ${MAX_FILLS}`;
  return rows.reverse().map((row) => ({
    orderId: row.order_id,
    side: oneOf(sideSchema, row.side, 'fills.side'),
    qty: row.qty,
    price: row.price,
    at: iso(row.at),
  }));
}

/** Halts are on the wall clock: they are shown where the market's own time runs beside it. */
async function readShades(db: PrismaClient, symbol: string, from: Date, to: Date): Promise<ChartShade[]> {
  const rows = await db.$queryRaw<ShadeRow[]>`
    SELECT 'EVENT' AS kind, title AS label, starts_at, ends_at FROM market_events
     WHERE removed_at IS NULL AND (symbol IS NULL OR symbol = ${symbol}) AND ends_at > ${from} AND starts_at < ${to}
    UNION ALL
    SELECT 'HALT', 'Halted', h.starts_at, h.ends_at
      FROM (SELECT c.market_time + (halts.requested_at - c.observed_at) * c.speed AS starts_at,
                   c.market_time + (halts.released_at - c.observed_at) * c.speed AS ends_at
              FROM halts, market_clock c) AS h
     WHERE (h.ends_at IS NULL OR h.ends_at > ${from}) AND h.starts_at < ${to}
     ORDER BY 3 LIMIT 200`;
  return rows.map((row) => ({
    kind: row.kind,
    label: row.label,
    from: iso(row.starts_at),
    to: isoOrNull(row.ends_at),
  }));
}

/** Stored bars of a symbol up to its newest, with what happened in that time. */
export async function readChart(
  db: PrismaClient,
  reader: BarReader,
  symbol: string,
  range: BarRangeName,
): Promise<BarsView> {
  const { stepSeconds } = RANGES[range];
  const recent = RECENT[range] ? await readRecent(db, symbol, range) : [];
  const bars = recent.length > 0 ? recent : await readStored(reader, symbol, range);
  const [first, last] = [bars[0], bars.at(-1)];
  if (first === undefined || last === undefined) return { stepSeconds, bars, fills: [], shades: [] };
  const from = new Date(first[0]);
  // Up to the minute that is not closed yet.
  const to = new Date(last[0] + stepSeconds * 2_000);
  const [fills, shades] = await Promise.all([readFills(db, symbol, from, to), readShades(db, symbol, from, to)]);
  return { stepSeconds, bars, fills, shades };
}
