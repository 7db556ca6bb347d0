import type { MarketClock, PrismaClient } from '@/server/adapters/postgres/generated/client';
import { iso, isoOrNull, oneOf, text } from '@/server/adapters/postgres/market/read-map';
import type { MarketClockView, StatusView } from '@/server/contracts/console/system';
import { formatMoney, parseMoney } from '@/server/kernel/money';
import { venueEnvironmentSchema } from '@/server/kernel/vocabulary';
import { policyOrNull } from './policy-versions';
import { readBrokerHealth, WORKER_DEAD_AFTER_SECONDS } from './read-broker-health';

/** Default threshold of DATA_STALE, for the banner where the active policy does not say. */
const DEFAULT_MAX_DATA_AGE_SECONDS = 30;

interface ClockRow {
  now: Date;
  seq: bigint;
  alive: number;
  newest_beat: Date | null;
  breaks: number;
  unprotected: string[];
  openings: number;
  alerts: number;
  pending: number;
  soonest: Date | null;
  newest_approval: string | null;
  quoted_at: Date | null;
  received_at: Date | null;
}

export function toMarketClock(clock: MarketClock): MarketClockView {
  return {
    isOpen: clock.isOpen,
    marketTime: iso(clock.marketTime),
    observedAt: iso(clock.observedAt),
    nextOpen: isoOrNull(clock.nextOpen),
    nextClose: isoOrNull(clock.nextClose),
    speed: clock.speed,
    source: clock.source,
  };
}

/** The active policy's own limit on data age, in seconds. */
function maxDataAge(body: unknown): number {
  const policy = policyOrNull(body);
  return policy === null ? DEFAULT_MAX_DATA_AGE_SECONDS : Number(policy.max_data_age_seconds);
}

/** Counts and clocks in one statement, so that they belong to one moment. */
async function readCounts(db: PrismaClient): Promise<ClockRow> {
  const [row] = await db.$queryRaw<ClockRow[]>`
    SELECT clock_timestamp() AS now,
           coalesce((SELECT max(seq) FROM outbox), 0) AS seq,
           (SELECT count(*)::int FROM worker_heartbeats
             WHERE roles <> '{watchdog}' AND beat_at > clock_timestamp() - make_interval(secs => ${WORKER_DEAD_AFTER_SECONDS})) AS alive,
           (SELECT max(beat_at) FROM worker_heartbeats WHERE roles <> '{watchdog}') AS newest_beat,
           (SELECT count(*)::int FROM breaks WHERE resolved_at IS NULL) AS breaks,
           ARRAY(SELECT subject FROM alerts WHERE kind = 'UNPROTECTED' AND resolved_at IS NULL ORDER BY subject) AS unprotected,
           (SELECT count(*)::int FROM account_openings WHERE signed_at IS NULL AND withdrawn_at IS NULL) AS openings,
           (SELECT count(*)::int FROM alerts WHERE resolved_at IS NULL) AS alerts,
           (SELECT count(*)::int FROM approvals WHERE status = 'PENDING' AND expires_at > clock_timestamp()) AS pending,
           (SELECT min(expires_at) FROM approvals WHERE status = 'PENDING' AND expires_at > clock_timestamp()) AS soonest,
           (SELECT id::text FROM approvals WHERE status = 'PENDING' ORDER BY created_at DESC LIMIT 1) AS newest_approval,
           newest.quoted_at, newest.received_at
      FROM (SELECT 1) AS one
      LEFT JOIN LATERAL (SELECT quoted_at, received_at FROM quotes ORDER BY received_at DESC LIMIT 1) AS newest ON true`;
  if (row === undefined) throw new Error('The status query returned no row');
  return row;
}

export async function readStatus(db: PrismaClient): Promise<Omit<StatusView, 'trading'>> {
  const [counts, broker, alert, settings, clock, account] = await Promise.all([
    readCounts(db),
    readBrokerHealth(db),
    db.alert.findFirst({ where: { resolvedAt: null }, orderBy: { openedAt: 'desc' } }),
    db.settings.findUnique({ where: { id: 1 } }),
    db.marketClock.findUnique({ where: { id: 1 } }),
    db.account.findUnique({ where: { id: 1 } }),
  ]);
  const policy =
    settings === null ? null : await db.policyVersion.findUnique({ where: { version: settings.activePolicyVersion } });
  return {
    serverTime: iso(counts.now),
    outboxSeq: counts.seq.toString(),
    environment: clock === null ? 'SIM' : oneOf(venueEnvironmentSchema, clock.environment, 'market_clock.environment'),
    stage: settings?.stage ?? 'M0_LOCAL',
    market: clock === null ? null : toMarketClock(clock),
    newestQuote:
      counts.quoted_at === null || counts.received_at === null
        ? null
        : { quotedAt: iso(counts.quoted_at), receivedAt: iso(counts.received_at) },
    maxDataAgeSeconds: maxDataAge(policy?.body),
    workers: { alive: counts.alive, newestBeatAt: isoOrNull(counts.newest_beat) },
    openBreaks: counts.breaks,
    unprotected: counts.unprotected,
    broker,
    openings: counts.openings,
    alerts: {
      open: counts.alerts,
      newest:
        alert === null
          ? null
          : {
              id: alert.id,
              kind: alert.kind,
              subject: alert.subject,
              message: alert.message,
              openedAt: iso(alert.openedAt),
            },
    },
    approvals: {
      pending: counts.pending,
      soonestExpiresAt: isoOrNull(counts.soonest),
      newestId: counts.newest_approval,
    },
    dayPnl:
      account === null || account.portfolioAt === null
        ? null
        : formatMoney(parseMoney(text(account.equity)) - parseMoney(text(account.lastEquity))),
    portfolioAt: isoOrNull(account?.portfolioAt ?? null),
    reconciledAt: isoOrNull(account?.reconciledAt ?? null),
  };
}
