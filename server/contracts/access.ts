import { z } from 'zod';
import type { Role } from '@/server/kernel/vocabulary';

/** What an API token may do. A token never does more than the role of its user allows. */
export const scopeSchema = z.enum([
  'policy:evaluate',
  'signals:read',
  'signals:write',
  'strategies:read',
  'strategies:write',
  'orders:read',
  'orders:write',
  'portfolio:read',
  'market:read',
  'trading:read',
  'trading:write',
  'approvals:read',
]);
export type Scope = z.output<typeof scopeSchema>;

/** Every scope, in the order in which help and lists show them. */
export const SCOPES: readonly Scope[] = scopeSchema.options;

const READ_SCOPES: readonly Scope[] = [
  'policy:evaluate',
  'signals:read',
  'strategies:read',
  'orders:read',
  'portfolio:read',
  'market:read',
  'trading:read',
  'approvals:read',
];

/** Scopes that tokens of a role may carry: viewers read and ask for judgements, the others may also act. */
export const SCOPES_OF_ROLE: Readonly<Record<Role, readonly Scope[]>> = {
  VIEWER: READ_SCOPES,
  OPERATOR: SCOPES,
  ADMIN: SCOPES,
};

/** A sign-in name: lower case. At most 254 characters, as in RFC 5321. */
export const emailSchema = z.string().trim().toLowerCase().max(254).pipe(z.email('must be an e-mail address'));
