/** One row of the audit log with its hash as stored and as computed again from its content. Hashes are SHA-256 in hex. */
export interface AuditRow {
  /** Decimal text; the first row is 1, and none is left out. */
  readonly id: string;
  readonly previousHash: string;
  readonly hash: string;
  readonly computedHash: string;
}

export interface AuditLog {
  /** The rows after an id, oldest first, at most a page of them. Fewer than `pageRows` is the end. */
  page(afterId: string): Promise<readonly AuditRow[]>;
  readonly pageRows: number;
}

/** What the worker states of the audit log outside the database (D-7): the hashes of some rows, signed. */
export interface AuditCheckpoint {
  /** Row numbers; `hashes` are those of `from` to `to`. */
  readonly from: number;
  readonly to: number;
  readonly hashes: readonly string[];
  /** ISO 8601. */
  readonly at: string;
  /** SHA-256 of the public key that signed it, hex. */
  readonly keyId: string;
}

/** A checkpoint as it was read, and whether its signature is that of its key. */
export interface StoredCheckpoint extends AuditCheckpoint {
  readonly line: number;
  readonly genuine: boolean;
}

/** Checkpoints in a file that only grows. */
export interface AuditCheckpoints {
  /** In their order. A line that cannot be read counts as one that is not genuine. */
  read(): Promise<readonly StoredCheckpoint[]>;
  /** Signs and writes one, on disk when it returns. */
  append(checkpoint: Omit<AuditCheckpoint, 'keyId'>): Promise<void>;
}
