import { z } from 'zod';
import type { PrismaClient } from '@/server/adapters/postgres/generated/client';
import { type BrokerHealthView, brokerStateSchema, type RoundView } from '@/server/contracts/console/system';

/** A worker whose last heartbeat is older is counted as dead. */
export const WORKER_DEAD_AFTER_SECONDS = 15;

const figure = z.number().nullable().catch(null);
const words = z.string().nullable().catch(null);

const storedHealthSchema = z.object({
  state: brokerStateSchema,
  /** Epoch ms. */
  sinceMs: figure,
  detail: z.string().catch(''),
  breaker: words,
  tokensLeft: figure,
  requestsPerMinute: figure,
  stream: words,
  clockSkewMs: figure,
});

/** A worker's word on the broker; null where it gives none that is understood. */
export function toBrokerHealth(stored: unknown): BrokerHealthView | null {
  const parsed = storedHealthSchema.safeParse(stored);
  if (!parsed.success) return null;
  const { sinceMs, ...health } = parsed.data;
  return { ...health, since: instantOf(sinceMs) };
}

/** Of the workers that live, the one that is worst off: trouble is never hidden by another that sees none. */
export async function readBrokerHealth(db: PrismaClient): Promise<BrokerHealthView | null> {
  const rows = await db.$queryRaw<{ health: unknown }[]>`
    SELECT info->'brokerHealth' AS health FROM worker_heartbeats
     WHERE beat_at > clock_timestamp() - make_interval(secs => ${WORKER_DEAD_AFTER_SECONDS}) AND info ? 'brokerHealth'
     ORDER BY (info->'brokerHealth'->>'state' = 'OK'), beat_at DESC`;
  for (const { health } of rows) {
    const view = toBrokerHealth(health);
    if (view !== null) return view;
  }
  return null;
}

function instantOf(epochMs: number | null): string | null {
  if (epochMs === null || Math.abs(epochMs) > 8_640_000_000_000_000) return null;
  return new Date(epochMs).toISOString();
}

const storedRoundSchema = z.object({
  ms: figure,
  statements: figure,
  requests: figure,
  open_orders: figure,
  waited_ms: figure,
  every_ms: figure,
  at: z
    .union([z.iso.datetime({ offset: true }), z.number()])
    .nullable()
    .catch(null),
});

/** What the last round took; null before the first. */
export function toRound(stored: unknown): RoundView | null {
  const parsed = storedRoundSchema.safeParse(stored);
  if (!parsed.success || parsed.data.ms === null) return null;
  const { at, open_orders, waited_ms, every_ms, ...same } = parsed.data;
  const atMs = typeof at === 'string' ? Date.parse(at) : at;
  return { ...same, openOrders: open_orders, waitedMs: waited_ms, everyMs: every_ms, at: instantOf(atMs) };
}
