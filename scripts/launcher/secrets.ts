// Secrets made at the first start, readable by their owner alone.
import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from '../lib/errors';
import { SetupError } from './settings';

const MAKERS = {
  /** Signs sessions. */
  nextAuthSecret: () => randomBytes(32).toString('base64url'),
  /** Superuser of the embedded PostgreSQL: creates the database and its roles, and nothing else. */
  postgresPassword: () => randomBytes(24).toString('base64url'),
  /** The roles of the embedded database. */
  databaseOwnerPassword: () => randomBytes(24).toString('base64url'),
  databaseWebPassword: () => randomBytes(24).toString('base64url'),
  databaseWorkerPassword: () => randomBytes(24).toString('base64url'),
  /** What the worker shows to the simulator. */
  brokerKeyId: () => `SIM${randomBytes(9).toString('hex').toUpperCase()}`,
  brokerSecretKey: () => randomBytes(30).toString('base64url'),
};

export type Secrets = Readonly<Record<keyof typeof MAKERS, string>>;

/** The secrets of this data folder, made where they are missing. */
export function loadSecrets(dataDir: string): Secrets {
  const file = path.join(dataDir, 'secrets.json');
  const known = read(file);
  const secrets: Secrets = {
    nextAuthSecret: known.nextAuthSecret ?? MAKERS.nextAuthSecret(),
    postgresPassword: known.postgresPassword ?? MAKERS.postgresPassword(),
    databaseOwnerPassword: known.databaseOwnerPassword ?? MAKERS.databaseOwnerPassword(),
    databaseWebPassword: known.databaseWebPassword ?? MAKERS.databaseWebPassword(),
    databaseWorkerPassword: known.databaseWorkerPassword ?? MAKERS.databaseWorkerPassword(),
    brokerKeyId: known.brokerKeyId ?? MAKERS.brokerKeyId(),
    brokerSecretKey: known.brokerSecretKey ?? MAKERS.brokerSecretKey(),
  };
  if (Object.keys(secrets).length > Object.keys(known).length) writePrivate(file, secrets);
  else chmodSync(file, 0o600);
  return secrets;
}

function read(file: string): Partial<Secrets> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return {};
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new SetupError(`${file} is not readable JSON: restore it, or set DATA_DIR to a new folder.`);
  }
}

/** Replaces the file in one step, so that it is never half written. */
export function writePrivate(file: string, value: unknown): void {
  const half = `${file}.${process.pid}`;
  writeFileSync(half, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(half, file);
}
