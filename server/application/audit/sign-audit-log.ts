import type { AlertStore } from '@/server/application/ports/alert-store';
import type { AuditCheckpoints, AuditLog } from '@/server/application/ports/audit-log';
import type { Clock } from '@/server/kernel/clock';
import type { Log } from '@/server/kernel/log';
import { type AuditChain, chainFault, verifyAuditLog } from './verify-audit-log';

export interface SigningParts {
  readonly log: AuditLog;
  readonly checkpoints: AuditCheckpoints;
  readonly alerts: AlertStore;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly logger: Pick<Log, 'error' | 'info'>;
}

const SUBJECT = 'audit log';

/**
 * Signs what was appended to the audit log, in a file outside the database (D-7). What it has signed it compares first: a log that was
 * rewritten is never signed again, and alerts a person.
 */
export class AuditSigner {
  /** The last row that was signed and compared; null before the first look. */
  private head: AuditChain['head'] | undefined;

  constructor(private readonly parts: SigningParts) {}

  /** Signs the rows that are not signed yet. @returns the last signed row's number; null where the log is not what was signed */
  async sign(): Promise<number | null> {
    if (this.head === undefined && !(await this.compare())) return null;
    const { log, checkpoints, clock } = this.parts;
    for (;;) {
      const before: AuditChain['head'] = this.head ?? null;
      // The last signed row is read again: one that was changed since must not be built upon.
      const page = await log.page(before === null ? '0' : String(BigInt(before.id) - 1n));
      const rows = before === null ? page : page.slice(1);
      if (before !== null && page[0]?.hash !== before.hash)
        return this.broken(`row ${before.id} is not as it was signed`);
      let head = before;
      for (const row of rows) {
        const why = chainFault(row, head);
        if (why !== null) return this.broken(`row ${row.id} is broken: ${why}`);
        head = { id: row.id, hash: row.hash };
      }
      const [first] = rows;
      if (first === undefined || head === null) break;
      const at = new Date(clock.nowMs()).toISOString();
      await checkpoints.append({
        from: Number(first.id),
        to: Number(head.id),
        hashes: rows.map(({ hash }) => hash),
        at,
      });
      this.head = head;
      if (page.length < log.pageRows) break;
    }
    await this.parts.alerts.resolve('AUDIT', SUBJECT);
    return Number(this.head?.id ?? 0);
  }

  /** Everything signed so far, once for each process. @returns whether the log is what was signed */
  private async compare(): Promise<boolean> {
    const stored = await this.parts.checkpoints.read();
    const forged = stored.find(({ genuine }) => !genuine);
    if (forged !== undefined) {
      await this.broken(`line ${forged.line} of the checkpoints is not signed by its key`);
      return false;
    }
    const { broken, signed } = await verifyAuditLog(this.parts.log, stored);
    if (broken !== null) {
      await this.broken(`row ${broken.id}: ${broken.why}`);
      return false;
    }
    const last = stored.at(-1);
    this.head = last === undefined ? null : { id: String(last.to), hash: last.hashes.at(-1) ?? '' };
    this.parts.logger.info({ rows: signed?.rows ?? 0 }, 'the audit log agrees with what was signed');
    return true;
  }

  private async broken(why: string): Promise<null> {
    const message = `The audit log is not what was signed: ${why}. Nothing of it is signed until this is settled.`;
    this.parts.logger.error({}, message);
    this.head = undefined;
    await this.parts.alerts.open('AUDIT', SUBJECT, message);
    return null;
  }
}
