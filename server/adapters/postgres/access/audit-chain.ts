import type { Pool } from 'pg';
import { z } from 'zod';
import type { AuditLog } from '@/server/application/ports/audit-log';

const PAGE_ROWS = 2_000;

const PAGE = `
  SELECT id::text, prev_hash, hash,
         audit_hash(prev_hash, id, at, actor, action, target, before, after, correlation_id) AS computed
    FROM audit_log WHERE id > $1 ORDER BY audit_log.id LIMIT ${PAGE_ROWS}`;

const pageSchema = z.array(z.object({ id: z.string(), prev_hash: z.string(), hash: z.string(), computed: z.string() }));

/** The audit log in Postgres, a page at a time. */
export function createAuditLog(pool: Pool): AuditLog {
  return {
    pageRows: PAGE_ROWS,
    async page(afterId) {
      const { rows } = await pool.query(PAGE, [afterId]);
      return pageSchema
        .parse(rows)
        .map(({ id, prev_hash, hash, computed }) => ({ id, previousHash: prev_hash, hash, computedHash: computed }));
    },
  };
}
