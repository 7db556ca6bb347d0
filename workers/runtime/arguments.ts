import { ROLES, type Role, WATCHDOG } from './role';

export const HELP = `countersign worker: market data in, signals judged, orders sent, the account reconciled.

usage: node dist/worker.mjs [--roles ingest,pipeline,execution,portfolio,maintenance]

Without --roles it has all of them. The role watchdog must be named: in a process of its own it speaks up, or with
DEADMAN_CANCEL=1 (the default except at the simulator) cancels what opens risk at the broker, when workers have been silent for DEADMAN_SECONDS (30) while orders work. Settings come from environment variables: DATABASE_URL, BROKER_URL, BROKER_STREAM_URL,
MARKET_DATA_URL, MARKET_STREAM_URL, BROKER_KEY_ID, BROKER_SECRET_KEY, SIMULATOR_PORT, STRATEGIES (fake), LOG_LEVEL.
`;

/** Wrong use of the command line, in words for the person who typed it. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError';
}

export type NamedRole = Role | typeof WATCHDOG;

const NAMED: readonly NamedRole[] = [...ROLES, WATCHDOG];
const isRole = (name: string): name is NamedRole => (NAMED as readonly string[]).includes(name);

/** Roles named on the command line; without one all but the watchdog; null when help is asked for. @throws ArgumentError */
export function readRoles(args: readonly string[]): readonly NamedRole[] | null {
  let list: string | undefined;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (arg === '--help' || arg === '-h') return null;
    if (arg === '--roles') list = args[++i];
    else if (arg.startsWith('--roles=')) list = arg.slice('--roles='.length);
    else throw new ArgumentError(`"${arg}" is not an option; try --help`);
    if (list === undefined || list === '') throw new ArgumentError(`--roles needs a list of ${NAMED.join(', ')}`);
  }
  if (list === undefined) return ROLES;
  return [...new Set(list.split(',').map((name) => name.trim()))].map((name) => {
    if (!isRole(name)) throw new ArgumentError(`"${name}" is not a role; there are ${NAMED.join(', ')}`);
    return name;
  });
}
