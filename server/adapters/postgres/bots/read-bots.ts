import { z } from 'zod';
import type { PrismaClient } from '@/server/adapters/postgres/generated/client';
import { iso, isoOrNull } from '@/server/adapters/postgres/market/read-map';
import { LIVE } from '@/server/adapters/postgres/sets';
import { type BotSettings, botSettingsSchema, botStrategy } from '@/server/contracts/bots';
import type { BotList, BotRow } from '@/server/contracts/console/bots';

const BOTS = `
  SELECT t.id, t.name, t.prefix, u.email, t.bot, t.created_at, t.last_used_at,
    CASE WHEN t.revoked_at IS NOT NULL THEN 'STOPPED' WHEN u.disabled_at IS NOT NULL THEN 'DISABLED'
         WHEN t.expires_at <= clock_timestamp() THEN 'EXPIRED' ELSE 'ACTIVE' END AS state,
    count(o.id) FILTER (WHERE o.status IN ${LIVE})::int AS open,
    count(a.id) FILTER (WHERE a.status = 'PENDING' AND a.expires_at > clock_timestamp())::int AS waiting,
    count(o.id)::int AS orders, count(s.id) FILTER (WHERE s.consumed_by IS NULL)::int AS rejected
  FROM api_tokens t JOIN users u ON u.id = t.user_id
  LEFT JOIN signals s ON s.bot_id = t.id LEFT JOIN orders o ON o.signal_id = s.id LEFT JOIN approvals a ON a.signal_id = s.id
  WHERE 'orders:write' = ANY (t.scopes) AND (t.revoked_at IS NULL OR s.id IS NOT NULL)
  GROUP BY t.id, u.email, u.disabled_at ORDER BY t.revoked_at IS NOT NULL, t.created_at DESC LIMIT 500`;

const rowSchema = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string(),
  email: z.string(),
  bot: botSettingsSchema.nullable(),
  created_at: z.date(),
  last_used_at: z.date().nullable(),
  state: z.enum(['ACTIVE', 'EXPIRED', 'STOPPED', 'DISABLED']),
  open: z.number(),
  waiting: z.number(),
  orders: z.number(),
  rejected: z.number(),
});

const toView = (settings: BotSettings): BotRow['settings'] => ({
  confidence: settings.confidence ?? null,
  maxOrderPct: settings.max_order_pct ?? null,
  symbols: settings.symbols ?? null,
  stopDistancePct: settings.stop_distance_pct ?? null,
  allowFrom: settings.allow_from ?? null,
  requestsPerMinute: settings.requests_per_minute ?? null,
});

/** Tokens that may place orders, active ones first; a stopped one is listed where it has traded. */
export async function readBots(db: PrismaClient): Promise<BotList> {
  const rows = z.array(rowSchema).parse(await db.$queryRawUnsafe<unknown[]>(BOTS));
  return {
    bots: rows.map(
      ({ id, name, prefix, email, bot, created_at, last_used_at, state, open, waiting, orders, rejected }) => ({
        id,
        name,
        keyId: prefix,
        user: email,
        strategy: botStrategy(bot ?? {}, name),
        settings: toView(bot ?? {}),
        createdAt: iso(created_at),
        lastUsedAt: isoOrNull(last_used_at),
        state,
        open,
        waiting,
        orders,
        rejected,
      }),
    ),
  };
}
