import type { Pool } from 'pg';
import { ClosesCache } from '@/server/adapters/postgres/orders/gate-features';
import { type RawGate, toMarketState } from '@/server/adapters/postgres/orders/gate-snapshot';
import { gateMarket } from '@/server/application/placing/gate-input';
import type { StoredFeatures } from '@/server/application/ports/feature-store';
import type { FeaturesBody } from '@/server/contracts/features';
import type { FeatureSnapshot } from '@/server/domain/features';
import { marketNow } from '@/server/domain/market/market-clock';
import type { GateMarket } from '@/server/domain/policy/gate-types';
import { numberFromUnits } from '@/server/domain/policy/number-units';
import { createFeatureStore } from './feature-store';

type Event = FeaturesBody['event_blackout']['events'][number];

interface EventRow extends Omit<Event, 'starts_at' | 'ends_at'> {
  readonly starts_at: Date;
  readonly ends_at: Date;
}

const iso = (ms: number) => new Date(ms).toISOString();
const asNumber = (value: unknown) => (typeof value === 'bigint' ? numberFromUnits(value) : null);

/** The features of a symbol with what the gate makes of them, by the gate's own statement and code. */
export function createReadFeatures(pool: Pool): (symbol: string) => Promise<FeaturesBody | null> {
  const store = createFeatureStore(pool);
  const closes = new ClosesCache();

  async function state(symbol: string) {
    const known = closes.known();
    const { rows } = await pool.query<{ gate: RawGate }>(`SELECT gate_read($1, '{}', '{}', '{}', $2, $3) AS gate`, [
      [symbol],
      [...known.keys()],
      Array.from(known.values(), ({ atMs }) => atMs),
    ]);
    const raw = rows[0]?.gate;
    if (raw === undefined) throw new Error('gate_read answered nothing');
    return { ...toMarketState(raw), features: closes.resolve(raw.features, known) };
  }

  async function events(ids: readonly string[]): Promise<Event[]> {
    if (ids.length === 0) return [];
    const { rows } = await pool.query<EventRow>(
      'SELECT id, kind, symbol, title, starts_at, ends_at FROM market_events WHERE id = ANY ($1::uuid[]) ORDER BY starts_at, id',
      [ids],
    );
    return rows.map((row) => ({ ...row, starts_at: row.starts_at.toISOString(), ends_at: row.ends_at.toISOString() }));
  }

  return async (symbol) => {
    const [found, now] = await Promise.all([store.latest([symbol]), state(symbol)]);
    const stored = found.get(symbol);
    if (stored === undefined) return null;
    const market = gateMarket(now, symbol);
    const nowMs = market === null || now.clock === null ? null : marketNow(now.clock, now.nowMs);
    return toBody(stored, market, nowMs, await events(market?.basis?.eventIds ?? []));
  };
}

function figures(snapshot: FeatureSnapshot) {
  const { symbol, close, bars, sma20, ema20, rsi14, atr14, macd, bollinger, volatility20 } = snapshot;
  return {
    symbol,
    at: iso(snapshot.atMs),
    close,
    bars: { count: bars.count, from: iso(bars.fromMs), to: iso(bars.toMs) },
    ...{ sma20, ema20, rsi14, atr14, macd, bollinger, volatility20 },
    relative_volume: snapshot.relativeVolume,
  };
}

function toBody(
  { snapshot, dollarsPerMinute }: StoredFeatures,
  market: GateMarket | null,
  nowMs: number | null,
  events: Event[],
): FeaturesBody {
  const active = market?.eventBlackoutActive;
  return {
    ...figures(snapshot),
    dollars_per_minute: dollarsPerMinute,
    liquidity_score: asNumber(market?.liquidityScore),
    correlation: asNumber(market?.correlation),
    event_blackout: { active: typeof active === 'boolean' ? active : null, events },
    age_seconds: nowMs === null ? null : Math.max(0, Math.round(nowMs - snapshot.atMs) / 1_000),
    stale: (market?.basis?.featuresAtMs ?? null) === null,
  };
}
