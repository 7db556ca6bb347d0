import { AuditSigner } from '@/server/application/audit/sign-audit-log';
import { SupersededError } from '@/server/application/ports/lease';
import { Notifier } from '@/server/kernel/notifier';
import { sideBySide, underLease } from '../runtime/lease-role';
import type { Held, RoleContext } from '../runtime/role';
import { compaction } from './compaction';

const RELAY_POLL_MS = 500;
const EXPIRE_MS = 1_000;
const RETENTION_MS = 3_600_000;
/** A row of the audit log is signed within this time, and so long a rewrite of it can stay unseen (D-7). */
const SIGN_MS = 30_000;

/** Gives what waits in the outbox its place in the order; `published` is called for each. */
async function publish(role: RoleContext, held: Held, published: Notifier): Promise<void> {
  const changed = new Notifier();
  const unsubscribe = role.onOutbox(changed);
  try {
    while (!held.signal.aborted) {
      // A full batch means there may be more.
      while ((await role.persist(() => role.parts.relay(held.fence))) > 0) {
        published.notify();
        if (held.signal.aborted) return;
      }
      await changed.wait(role.parts.clock, RELAY_POLL_MS, held.signal);
    }
  } finally {
    unsubscribe();
  }
}

/** Hands what was published to the engine that carries it. One that is away holds up nothing but itself. */
async function forward(role: RoleContext, held: Held, published: Notifier): Promise<void> {
  const { parts, log } = role;
  let failing = false;
  while (!held.signal.aborted) {
    try {
      while ((await parts.bus.forward(held.fence)) > 0) if (held.signal.aborted) return;
      failing = false;
    } catch (error) {
      if (error instanceof SupersededError) throw error;
      if (!failing) log.warn({ err: error }, 'events could not be handed on: the outbox keeps them');
      failing = true;
    }
    await published.wait(role.parts.clock, RELAY_POLL_MS, held.signal);
  }
}

async function relay(role: RoleContext, held: Held): Promise<void> {
  const published = new Notifier();
  // The one that fails ends the other through the lease.
  const abandoning = (work: Promise<void>) =>
    work.catch((error: unknown) => {
      held.abandon(error);
      throw error;
    });
  await Promise.all([
    abandoning(publish(role, held, published)),
    abandoning(role.parts.bus.engine === 'postgres' ? Promise.resolve() : forward(role, held, published)),
  ]);
}

async function housekeeping(role: RoleContext, held: Held): Promise<void> {
  const { parts, log } = role;
  let retentionDueMs = 0;
  while (!held.signal.aborted) {
    const expired = await role.persist(() => parts.maintenance.expireApprovals());
    if (expired > 0) log.info({ expired }, 'approvals expired');
    if (performance.now() >= retentionDueMs) {
      const { deleted, more } = await role.persist(() => parts.maintenance.applyRetention());
      // With more to delete the next part follows at once, and what else is to be done comes in between.
      retentionDueMs = more ? 0 : performance.now() + RETENTION_MS;
      if (Object.keys(deleted).length > 0) log.info({ deleted }, 'retention applied');
    }
    await parts.clock.sleep(EXPIRE_MS, held.signal);
  }
}

/** Signs what was appended to the audit log. A disk that is full holds up nothing else. */
async function auditSigning(role: RoleContext, held: Held): Promise<void> {
  const { parts, log, status } = role;
  const { auditLog, auditCheckpoints: checkpoints, alerts, clock } = parts;
  const signer = new AuditSigner({ log: auditLog, checkpoints, alerts, clock, logger: log });
  while (!held.signal.aborted) {
    try {
      const row = await role.persist(() => signer.sign());
      status['audit'] = row === null ? 'not what was signed' : `signed to row ${row}`;
    } catch (error) {
      if (error instanceof SupersededError || held.signal.aborted) throw error;
      log.error({ err: error }, 'the audit log could not be signed');
      status['audit'] = 'not signed';
    }
    await clock.sleep(SIGN_MS, held.signal);
  }
}

/** Publishes the outbox and keeps house, each under its own lease. */
export async function runMaintenance(role: RoleContext): Promise<void> {
  await Promise.all([
    underLease(role, 'relay', (held) => relay(role, held)),
    underLease(role, 'maintenance', (held) =>
      sideBySide(held, [housekeeping(role, held), compaction(role, held), auditSigning(role, held)]),
    ),
  ]);
}
