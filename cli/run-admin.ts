import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import type { Admin } from '@/server/composition/admin';
import { type Actor, SYSTEM_PRINCIPAL_ID } from '@/server/kernel/actor';

/** Exit codes of the administrative commands, as each help shows them. */
export const EXIT = { done: 0, refused: 1, unusable: 2 } as const;

export const EXIT_CODES =
  'Exit codes: 0 done, 1 refused (the reason is printed), 2 wrong usage or the database cannot be reached.';

/** Who the audit says it was: the person at this machine. */
export function cliActor(): string {
  try {
    return `cli:${userInfo().username}`;
  } catch {
    // An account without a name, as in some containers.
    return `cli:${process.getuid?.() ?? 'unknown'}`;
  }
}

/** The same, as commands record it. */
export function cliCommandActor(): Actor {
  return { kind: 'cli', principalId: SYSTEM_PRINCIPAL_ID, name: cliActor(), correlationId: randomUUID() };
}

/** Prints a refusal and gives its exit code. */
export function refuse(message: string): number {
  console.error(message);
  return EXIT.refused;
}

/**
 * Opens the database, runs, closes, and sets the exit code. What cannot be reached or is not set is one clear line.
 * The stack's code is loaded only here, so that help and replay stay quick.
 */
export async function runAdmin(work: (admin: Admin) => Promise<number>): Promise<void> {
  if ((process.env['DATABASE_URL'] ?? '') === '') {
    console.error('No database: start the stack with `npm start` in this folder, or set DATABASE_URL.');
    process.exitCode = EXIT.unusable;
    return;
  }
  const { openAdmin } = await import('@/server/composition/admin');
  const { isDatabaseUnavailable } = await import('@/server/composition/database-fault');
  const { EnvError } = await import('@/server/composition/env');
  let admin: Admin | undefined;
  try {
    admin = openAdmin();
    process.exitCode = await work(admin);
  } catch (error) {
    process.exitCode = EXIT.unusable;
    if (isDatabaseUnavailable(error))
      console.error(`The database at ${databaseAddress()} does not answer. Is the stack running?`);
    else if (error instanceof EnvError) console.error(error.message);
    else console.error(databaseFault(error));
  } finally {
    await admin?.close();
  }
}

/** Host and port only: the rest of the address is a secret. */
function databaseAddress(): string {
  try {
    return new URL(process.env['DATABASE_URL'] ?? '').host;
  } catch {
    return 'DATABASE_URL';
  }
}

/** What to say of an error by the code in it: Prisma carries the database's own code in its message only. */
const FAULTS: readonly (readonly [RegExp, string])[] = [
  [/\b(28P01|28000|P1000)\b/, 'The database refuses the user or password of DATABASE_URL.'],
  [/\b(3D000|P1003)\b/, 'The database named in DATABASE_URL does not exist.'],
  [
    /\b(42P01|42883|42703|P2021|P2022)\b/,
    'The database lacks tables of this version: apply the migrations (npm start does).',
  ],
];

function databaseFault(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  const message = error instanceof Error ? error.message : String(error);
  return FAULTS.find(([pattern]) => pattern.test(`${code} ${message}`))?.[1] ?? message;
}
