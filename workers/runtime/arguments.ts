import { ROLES, type Role } from './role';

export const HELP = `countersign worker: market data in, signals judged, orders sent, the account reconciled.

usage: node dist/worker.mjs [--roles ingest,pipeline,execution,portfolio,maintenance]

Without --roles it has all of them. Settings come from environment variables: DATABASE_URL, BROKER_URL, BROKER_STREAM_URL,
MARKET_DATA_URL, MARKET_STREAM_URL, BROKER_KEY_ID, BROKER_SECRET_KEY, SIMULATOR_PORT, STRATEGIES (fake), LOG_LEVEL.
`;

/** Wrong use of the command line, in words for whoever typed it. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError';
}

const isRole = (name: string): name is Role => (ROLES as readonly string[]).includes(name);

/** Roles named on the command line; all without one; null when help is asked for. @throws ArgumentError */
export function readRoles(args: readonly string[]): readonly Role[] | null {
  let list: string | undefined;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (arg === '--help' || arg === '-h') return null;
    if (arg === '--roles') list = args[++i];
    else if (arg.startsWith('--roles=')) list = arg.slice('--roles='.length);
    else throw new ArgumentError(`"${arg}" is not an option; try --help`);
    if (list === undefined || list === '') throw new ArgumentError(`--roles needs a list of ${ROLES.join(', ')}`);
  }
  if (list === undefined) return ROLES;
  return [...new Set(list.split(',').map((name) => name.trim()))].map((name) => {
    if (!isRole(name)) throw new ArgumentError(`"${name}" is not a role; there are ${ROLES.join(', ')}`);
    return name;
  });
}
