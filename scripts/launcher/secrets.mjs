// Secrets made at the first start, readable by their owner alone.
import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { SetupError } from './settings.mjs';

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

/**
 * The secrets of this data folder, made where they are missing.
 * @param {string} dataDir
 * @returns {Record<keyof typeof MAKERS, string>}
 */
export function loadSecrets(dataDir) {
  const file = path.join(dataDir, 'secrets.json');
  const known = read(file);
  const secrets = Object.fromEntries(Object.entries(MAKERS).map(([name, make]) => [name, known[name] ?? make()]));
  if (Object.keys(MAKERS).some((name) => known[name] === undefined)) writePrivate(file, secrets);
  else chmodSync(file, 0o600);
  return secrets;
}

function read(file) {
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return {};
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new SetupError(`${file} is not readable JSON: restore it, or set DATA_DIR to a new folder.`);
  }
}

/** Replaces the file in one step, so that it is never half written. */
export function writePrivate(file, value) {
  const half = `${file}.${process.pid}`;
  writeFileSync(half, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(half, file);
}
