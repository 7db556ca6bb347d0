import type { Role } from '@/server/kernel/vocabulary';

export type { Role };

const RANK: Record<Role, number> = { VIEWER: 0, OPERATOR: 1, ADMIN: 2 };

/** Whether `role` includes `needed`: each role includes those below it. */
export function roleAllows(role: Role, needed: Role): boolean {
  return RANK[role] >= RANK[needed];
}

/** The lowest role for each act. Halting needs little; loosening needs more. */
export const ACT_ROLE = {
  view: 'VIEWER',
  approve: 'OPERATOR',
  reject: 'OPERATOR',
  cancelOrder: 'OPERATOR',
  /** Ends an order that the broker does not know. */
  closeUnknownOrder: 'OPERATOR',
  closePosition: 'OPERATOR',
  /** Only ever one's own. */
  changeOwnPassword: 'VIEWER',
  endOwnSessions: 'VIEWER',
  withdrawExit: 'OPERATOR',
  stopBot: 'OPERATOR',
  acknowledgeAlert: 'OPERATOR',
  resolveBreak: 'OPERATOR',
  /** Books the broker's figures and lets the symbol trade again. */
  acceptBreak: 'ADMIN',
  requestTieOut: 'OPERATOR',
  editMarketEvents: 'OPERATOR',
  /** Budgets of reasoning are money; without a budget, signals pass without a memo. */
  setReasoning: 'ADMIN',
  flatten: 'OPERATOR',
  halt: 'OPERATOR',
  reduce: 'OPERATOR',
  /** Requires the password again: it lets trading resume. */
  release: 'ADMIN',
  /** Requires the password again: the books start from the signed balances. */
  signOpening: 'ADMIN',
  /** Sends drill orders and halts trading until an administrator releases it. */
  requestDrill: 'ADMIN',
  /** Proposals of a strategy still pass the gate; this does not change policy or its limits. */
  setStrategy: 'OPERATOR',
} as const satisfies Record<string, Role>;
