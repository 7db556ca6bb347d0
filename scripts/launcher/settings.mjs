// What `npm start` reads from the environment (and from a .env file, where the environment says nothing).
import { existsSync } from 'node:fs';
import path from 'node:path';
import { repoRoot } from '../lib/repo.mjs';

/** A mistake of set-up that one line explains. */
export class SetupError extends Error {
  name = 'SetupError';
}

/**
 * @typedef {object} Settings
 * @property {number} port of the console
 * @property {string} host
 * @property {string} dataDir absolute
 * @property {number} postgresPort
 * @property {number} simulatorPort
 * @property {string | undefined} databaseUrl a PostgreSQL of one's own, instead of the embedded one
 * @property {boolean} simulated is the bundled simulator the broker?
 */

/** @returns {Settings} @throws SetupError naming the setting */
export function readSettings(env = process.env) {
  const settings = {
    port: port(env, 'PORT', 3000),
    host: env.HOST || '127.0.0.1',
    dataDir: path.resolve(repoRoot, env.DATA_DIR || '.data'),
    postgresPort: port(env, 'EMBEDDED_PG_PORT', 54329),
    simulatorPort: port(env, 'SIMULATOR_PORT', 4010),
    databaseUrl: env.DATABASE_URL || undefined,
    simulated: !env.BROKER_URL,
  };
  if (settings.databaseUrl !== undefined) checkDatabaseUrl(settings.databaseUrl);
  const used = new Map([[settings.port, 'PORT']]);
  if (settings.simulated) claim(used, settings.simulatorPort, 'SIMULATOR_PORT');
  if (settings.databaseUrl === undefined) claim(used, settings.postgresPort, 'EMBEDDED_PG_PORT');
  return settings;
}

/** Adds what .env in the project's folder says to the environment, which has the last word. */
export function loadEnvFile() {
  const file = path.join(repoRoot, '.env');
  if (existsSync(file)) process.loadEnvFile(file);
}

function port(env, name, otherwise) {
  const text = env[name];
  if (text === undefined || text === '') return otherwise;
  const value = Number(text);
  if (!/^\d{1,5}$/.test(text) || value < 1 || value > 65_535) {
    throw new SetupError(`${name} must be a port number from 1 to 65535; it is "${text}".`);
  }
  return value;
}

function claim(used, number, name) {
  const other = used.get(number);
  if (other) throw new SetupError(`${other} and ${name} are both ${number}: set one of them to another port.`);
  used.set(number, name);
}

function checkDatabaseUrl(text) {
  const scheme = URL.canParse(text) ? new URL(text).protocol : '';
  if (scheme !== 'postgres:' && scheme !== 'postgresql:') {
    throw new SetupError('DATABASE_URL must look like postgresql://user:password@host:5432/database.');
  }
}
