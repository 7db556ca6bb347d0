import type { Prisma } from '@/server/adapters/postgres/generated/client';

export interface AuditEntry {
  readonly actor: string;
  /** `user.create`, `token.revoke` … */
  readonly action: string;
  /** `user:<id>`, `token:<id>` … */
  readonly target: string;
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
  readonly correlationId?: string;
}

/** Appends to the audit chain within the caller's transaction: the act and its record stand or fall together. */
export async function appendAudit(tx: Prisma.TransactionClient, entry: AuditEntry): Promise<void> {
  const before = entry.before === undefined ? null : JSON.stringify(entry.before);
  const after = entry.after === undefined ? null : JSON.stringify(entry.after);
  await tx.$queryRaw`SELECT audit_append(${entry.actor}, ${entry.action}, ${entry.target}, ${before}::jsonb, ${after}::jsonb,
                                         ${entry.correlationId ?? null})`;
}
