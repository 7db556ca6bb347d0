import type { Pool } from 'pg';
import { z } from 'zod';

/** What recomputing the audit chain found. Ids are decimal text; hashes are SHA-256 in hex. */
export interface AuditChain {
  /** Rows that are right, from the first on. */
  readonly count: number;
  /** The last right row; null when there is none. Rows cut off the end show only against a head noted before. */
  readonly head: { readonly id: string; readonly hash: string } | null;
  /** The first row that is not what was appended; null when the chain is intact. */
  readonly broken: { readonly id: string; readonly why: string } | null;
}

export interface AuditVerifier {
  verify(): Promise<AuditChain>;
}

const PAGE_ROWS = 2_000;

/** Of the first row. */
const NO_HASH = '0'.repeat(64);

const PAGE = `
  SELECT id::text, prev_hash, hash,
         audit_hash(prev_hash, id, at, actor, action, target, before, after, correlation_id) AS computed
    FROM audit_log WHERE id > $1 ORDER BY audit_log.id LIMIT ${PAGE_ROWS}`;

const pageSchema = z.array(z.object({ id: z.string(), prev_hash: z.string(), hash: z.string(), computed: z.string() }));
type Row = z.output<typeof pageSchema>[number];

function faultOf(row: Row, expectedId: bigint, previousHash: string): string | null {
  if (BigInt(row.id) !== expectedId) return `row ${expectedId} is missing before it`;
  if (row.prev_hash !== previousHash) return 'it does not continue from the hash of the row before it';
  return row.computed === row.hash ? null : 'its content does not give its hash';
}

/** Reads in pages and keeps one row: the log may be of any length, and may grow while it is read. */
export function createAuditVerifier(pool: Pool): AuditVerifier {
  return {
    async verify() {
      let count = 0;
      let head: AuditChain['head'] = null;
      for (;;) {
        const { rows } = await pool.query(PAGE, [head?.id ?? '0']);
        const page = pageSchema.parse(rows);
        for (const row of page) {
          const why = faultOf(row, BigInt(head?.id ?? 0) + 1n, head?.hash ?? NO_HASH);
          if (why !== null) return { count, head, broken: { id: row.id, why } };
          head = { id: row.id, hash: row.hash };
          count += 1;
        }
        if (page.length < PAGE_ROWS) return { count, head, broken: null };
      }
    },
  };
}
