import type { AuditLog, AuditRow, StoredCheckpoint } from '@/server/application/ports/audit-log';

/** What recomputing the audit log found. Ids are decimal text. */
export interface AuditChain {
  /** Rows that are right, from the first on. */
  readonly count: number;
  /** The last right row; null when there is none. */
  readonly head: { readonly id: string; readonly hash: string } | null;
  /** The first row that is not what was appended, or not what was signed; null when the log is intact. */
  readonly broken: { readonly id: string; readonly why: string } | null;
  /** What checkpoints cover; null where none was given. */
  readonly signed: {
    readonly rows: number;
    /** ISO 8601. */
    readonly firstAt: string | null;
    readonly lastAt: string | null;
    readonly keyIds: readonly string[];
  } | null;
}

/** Of the first row. */
const NO_HASH = '0'.repeat(64);

/** What is wrong with a row beside the one before it; null when nothing is. */
export function chainFault(row: AuditRow, before: AuditChain['head']): string | null {
  const expectedId = BigInt(before?.id ?? 0) + 1n;
  if (BigInt(row.id) !== expectedId) return `row ${expectedId} is missing before it`;
  if (row.previousHash !== (before?.hash ?? NO_HASH)) return 'it does not continue from the hash of the row before it';
  return row.computedHash === row.hash ? null : 'its content does not give its hash';
}

/** Hash of each signed row, with the time at which it was first signed. */
class SignedRows {
  private readonly hashes = new Map<number, { readonly hash: string; readonly at: string }>();

  constructor(checkpoints: readonly StoredCheckpoint[]) {
    for (const { from, hashes, at } of checkpoints) {
      for (const [offset, hash] of hashes.entries()) {
        if (!this.hashes.has(from + offset)) this.hashes.set(from + offset, { hash, at });
      }
    }
  }

  get last(): number {
    return Math.max(0, ...this.hashes.keys());
  }

  get size(): number {
    return this.hashes.size;
  }

  fault({ id, hash }: AuditRow): string | null {
    const signed = this.hashes.get(Number(id));
    if (signed === undefined || signed.hash === hash) return null;
    return `it is not the row that was signed at ${signed.at}`;
  }
}

/**
 * Recomputes the log from its first row to its last, and compares each row with what was signed outside the database: a log that was
 * rewritten as a whole gives the right hashes again, but not the signed ones. Reads in pages: the log may be of any length, and may grow
 * meanwhile.
 * @param checkpoints null: there are none to compare with
 */
export async function verifyAuditLog(
  log: AuditLog,
  checkpoints: readonly StoredCheckpoint[] | null,
): Promise<AuditChain> {
  const rows = new SignedRows(checkpoints ?? []);
  const signed =
    checkpoints === null
      ? null
      : {
          rows: rows.size,
          firstAt: checkpoints[0]?.at ?? null,
          lastAt: checkpoints.at(-1)?.at ?? null,
          keyIds: [...new Set(checkpoints.map(({ keyId }) => keyId))],
        };
  let count = 0;
  let head: AuditChain['head'] = null;
  for (;;) {
    const page = await log.page(head?.id ?? '0');
    for (const row of page) {
      const why = chainFault(row, head) ?? rows.fault(row);
      if (why !== null) return { count, head, broken: { id: row.id, why }, signed };
      head = { id: row.id, hash: row.hash };
      count += 1;
    }
    if (page.length < log.pageRows) break;
  }
  // A signed row that is not there any more was cut off the end.
  const lost = count < rows.last ? { id: String(count + 1), why: `rows up to ${rows.last} were signed` } : null;
  return { count, head, broken: lost, signed };
}
