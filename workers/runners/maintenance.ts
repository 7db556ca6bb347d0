import { underLease } from '../runtime/lease-role';
import type { Held, RoleContext } from '../runtime/role';
import { Wake } from '../runtime/wake';

const RELAY_POLL_MS = 500;
const EXPIRE_MS = 1_000;
const RETENTION_MS = 3_600_000;

async function relay(role: RoleContext, held: Held): Promise<void> {
  const wake = new Wake();
  const deafen = role.onOutbox(wake);
  try {
    while (!held.signal.aborted) {
      // A full batch means there may be more.
      while ((await role.persist(() => role.parts.relay(held.fence))) > 0) if (held.signal.aborted) return;
      await wake.wait(RELAY_POLL_MS, held.signal);
    }
  } finally {
    deafen();
  }
}

async function housekeeping(role: RoleContext, held: Held): Promise<void> {
  const { parts, log } = role;
  let retentionDueMs = 0;
  while (!held.signal.aborted) {
    const expired = await role.persist(() => parts.maintenance.expireApprovals());
    if (expired > 0) log.info({ expired }, 'approvals expired');
    if (performance.now() >= retentionDueMs) {
      retentionDueMs = performance.now() + RETENTION_MS;
      const deleted = await role.persist(() => parts.maintenance.applyRetention());
      if (Object.keys(deleted).length > 0) log.info({ deleted }, 'retention applied');
    }
    await parts.clock.sleep(EXPIRE_MS, held.signal);
  }
}

/** Publishes the outbox and keeps house, each under its own lease. */
export async function runMaintenance(role: RoleContext): Promise<void> {
  await Promise.all([
    underLease(role, 'relay', (held) => relay(role, held)),
    underLease(role, 'maintenance', (held) => housekeeping(role, held)),
  ]);
}
