import type { Role } from '@/server/kernel/vocabulary';

export type { Role };

const RANK: Record<Role, number> = { VIEWER: 0, OPERATOR: 1, ADMIN: 2 };

/** True when `role` may do what needs `needed`: each role may do all that those below it may. */
export function roleAllows(role: Role, needed: Role): boolean {
  return RANK[role] >= RANK[needed];
}

/** Acts that a signed-in person may ask for, and the least role for each. Halting is easy; loosening is not. */
export const ACT_ROLE = {
  view: 'VIEWER',
  approve: 'OPERATOR',
  reject: 'OPERATOR',
  cancelOrder: 'OPERATOR',
  closePosition: 'OPERATOR',
  resolveBreak: 'OPERATOR',
  /** It changes the books to what the broker says, and lets the symbol trade again. */
  acceptBreak: 'ADMIN',
  requestTieOut: 'OPERATOR',
  editMarketEvents: 'OPERATOR',
  /** Budgets of reasoning are money, and where none is left signals pass without a memo. */
  setReasoning: 'ADMIN',
  flatten: 'OPERATOR',
  halt: 'OPERATOR',
  reduce: 'OPERATOR',
  /** With the password again, and by an administrator: it is the one act that lets risk back in. */
  release: 'ADMIN',
  /** With the password again: the books begin with what is signed for. */
  signOpening: 'ADMIN',
  /** It sends orders that no policy judged, and halts trading until an administrator releases it. */
  requestDrill: 'ADMIN',
  /** Whatever a strategy proposes still passes the gate; policy and its limits are not the operator's. */
  setStrategy: 'OPERATOR',
} as const satisfies Record<string, Role>;
