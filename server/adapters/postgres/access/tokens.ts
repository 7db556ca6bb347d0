import type { Pool } from 'pg';
import { z } from 'zod';
import { appendAudit } from '@/server/adapters/postgres/access/append-audit';
import type { PrismaClient } from '@/server/adapters/postgres/generated/client';
import type { StoredToken, TokenStore } from '@/server/application/ports/token-store';
import type { Scope } from '@/server/contracts/access';
import { type BotSettings, botSettingsSchema } from '@/server/contracts/bots';
import { roleSchema } from '@/server/kernel/vocabulary';

const FIND = {
  name: 'token_find',
  text: `SELECT t.id, t.name, t.user_id, u.role::text AS role, u.disabled_at IS NOT NULL AS disabled, t.scopes, t.bot,
                (extract(epoch FROM t.expires_at) * 1000)::float8 AS expires_at_ms, t.revoked_at IS NOT NULL AS revoked
           FROM api_tokens t JOIN users u ON u.id = t.user_id WHERE t.token_hash = $1`,
};

/** The condition keeps many processes to one write a minute between them. */
const TOUCH = {
  name: 'token_touch',
  text: `UPDATE api_tokens SET last_used_at = now()
          WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`,
};

const rowSchema = z.object({
  id: z.string(),
  name: z.string(),
  user_id: z.string(),
  role: roleSchema,
  disabled: z.boolean(),
  scopes: z.array(z.string()),
  bot: botSettingsSchema.nullable(),
  expires_at_ms: z.number().nullable(),
  revoked: z.boolean(),
});

/** Look-ups of bearer tokens: on the way of every request, so one prepared statement. */
export function createTokenStore(pool: Pool): TokenStore {
  return {
    async findByHash(tokenHash): Promise<StoredToken | null> {
      const { rows } = await pool.query({ ...FIND, values: [tokenHash] });
      if (rows.length === 0) return null;
      const row = rowSchema.parse(rows[0]);
      return {
        id: row.id,
        name: row.name,
        userId: row.user_id,
        userRole: row.role,
        userDisabled: row.disabled,
        scopes: row.scopes,
        bot: row.bot ?? {},
        expiresAtMs: row.expires_at_ms,
        revoked: row.revoked,
      };
    },
    async touch(tokenId) {
      await pool.query({ ...TOUCH, values: [tokenId] });
    },
  };
}

/** A token as lists show it. */
export interface TokenSummary {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly prefix: string;
  readonly scopes: readonly string[];
  /** What its orders are judged by at the gateway. */
  readonly bot: BotSettings;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
}

export interface NewToken {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly tokenHash: string;
  readonly prefix: string;
  readonly scopes: readonly Scope[];
  readonly bot: BotSettings;
  readonly expiresAt: Date | null;
}

/** Tokens as administered: each change is audited in its own transaction. */
export interface TokenAdmin {
  create(token: NewToken, actor: string): Promise<void>;
  list(): Promise<readonly TokenSummary[]>;
  /** Replaces the settings of a bot. @returns those before; null when there is no such token, or it was revoked */
  setBot(id: string, bot: BotSettings, actor: string): Promise<BotSettings | null>;
  /** Null when there is no such token; false when it was revoked before. */
  revoke(id: string, actor: string): Promise<boolean | null>;
}

export function createTokenAdmin(db: PrismaClient): TokenAdmin {
  return {
    async create(token, actor) {
      const { id, name, prefix, scopes, expiresAt } = token;
      await db.$transaction(async (tx) => {
        await tx.apiToken.create({ data: { ...token, scopes: [...scopes] } });
        const after = {
          name,
          prefix,
          scopes: [...scopes],
          user_id: token.userId,
          bot: token.bot,
          expires_at: expiresAt?.toISOString() ?? null,
        };
        await appendAudit(tx, { actor, action: 'token.create', target: `token:${id}`, after });
      });
    },
    async list() {
      const tokens = await db.apiToken.findMany({
        include: { user: { select: { email: true } } },
        orderBy: { createdAt: 'desc' },
      });
      return tokens.map(({ user, tokenHash: _hash, userId: _userId, bot, ...token }) => ({
        ...token,
        bot: botSettingsSchema.parse(bot ?? {}),
        email: user.email,
      }));
    },
    async setBot(id, bot, actor) {
      return db.$transaction(async (tx) => {
        const token = await tx.apiToken.findUnique({ where: { id, revokedAt: null }, select: { bot: true } });
        if (token === null) return null;
        const before = botSettingsSchema.parse(token.bot ?? {});
        await tx.apiToken.update({ where: { id }, data: { bot } });
        await appendAudit(tx, { actor, action: 'bot.settings', target: `token:${id}`, before, after: bot });
        return before;
      });
    },
    async revoke(id, actor) {
      return db.$transaction(async (tx) => {
        const { count } = await tx.apiToken.updateMany({
          where: { id, revokedAt: null },
          data: { revokedAt: new Date() },
        });
        if (count === 0) return (await tx.apiToken.count({ where: { id } })) > 0 ? false : null;
        await appendAudit(tx, { actor, action: 'token.revoke', target: `token:${id}` });
        return true;
      });
    },
  };
}
