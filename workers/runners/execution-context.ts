import type { ExecutionContext } from '@/server/application/execution-context';
import { createPersist } from '../runtime/persist';
import type { Held, RoleContext } from '../runtime/role';

/** What the execution use cases work with, for as long as a lease is held. */
export function executionContext(role: RoleContext, held: Held): ExecutionContext {
  const { parts, log, holder } = role;
  return {
    broker: parts.broker,
    store: parts.execution,
    clock: parts.clock,
    log,
    fence: held.fence,
    holder,
    signal: held.signal,
    caps: parts.caps,
    leaseSinceMs: held.sinceMs,
    persist: createPersist(parts.clock, log, parts.isTransient, held.signal),
  };
}
