// What `npm start` reads from the environment, and from a .env file where the environment says nothing.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { repoRoot } from '../lib/repo';

/** A mistake of set-up that one line explains. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
}

export interface Settings {
  /** Of the console. */
  readonly port: number;
  readonly host: string;
  /** Absolute. */
  readonly dataDir: string;
  readonly postgresPort: number;
  readonly simulatorPort: number;
  /** Of the gateway for bots, and the address it listens on. */
  readonly gatewayPort: number;
  readonly gatewayHost: string;
  /** Whether the gateway has a certificate. */
  readonly gatewayTls: boolean;
  /** A PostgreSQL server of your own in place of the embedded one. */
  readonly databaseUrl: string | undefined;
  /** Whether the bundled simulator is the broker. */
  readonly simulated: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws SetupError naming the setting */
export function readSettings(env: Environment = process.env): Settings {
  const settings: Settings = {
    port: port(env, 'PORT', 3000),
    host: env['HOST'] || '127.0.0.1',
    dataDir: path.resolve(repoRoot, env['DATA_DIR'] || '.data'),
    postgresPort: port(env, 'EMBEDDED_PG_PORT', 54329),
    simulatorPort: port(env, 'SIMULATOR_PORT', 4010),
    gatewayPort: port(env, 'GATEWAY_PORT', 4020),
    gatewayHost: env['GATEWAY_HOST'] || '127.0.0.1',
    gatewayTls: Boolean(env['GATEWAY_TLS_CERT']),
    databaseUrl: env['DATABASE_URL'] || undefined,
    simulated: !env['BROKER_URL'],
  };
  if (settings.databaseUrl !== undefined) checkDatabaseUrl(settings.databaseUrl);
  const used = new Map([[settings.port, 'PORT']]);
  claim(used, settings.gatewayPort, 'GATEWAY_PORT');
  if (settings.simulated) claim(used, settings.simulatorPort, 'SIMULATOR_PORT');
  if (settings.databaseUrl === undefined) claim(used, settings.postgresPort, 'EMBEDDED_PG_PORT');
  return settings;
}

/** Adds the .env file of the project's folder to the environment, which takes precedence. */
export function loadEnvFile(): void {
  const file = path.join(repoRoot, '.env');
  if (existsSync(file)) process.loadEnvFile(file);
}

function port(env: Environment, name: string, otherwise: number): number {
  const text = env[name];
  if (text === undefined || text === '') return otherwise;
  const value = Number(text);
  if (!/^\d{1,5}$/.test(text) || value < 1 || value > 65_535) {
    throw new SetupError(`${name} must be a port number from 1 to 65535; it is "${text}".`);
  }
  return value;
}

function claim(used: Map<number, string>, number: number, name: string): void {
  const other = used.get(number);
  if (other) throw new SetupError(`${other} and ${name} are both ${number}: set one of them to another port.`);
  used.set(number, name);
}

function checkDatabaseUrl(text: string): void {
  const scheme = URL.canParse(text) ? new URL(text).protocol : '';
  if (scheme !== 'postgres:' && scheme !== 'postgresql:') {
    throw new SetupError('DATABASE_URL must look like postgresql://user:password@host:5432/database.');
  }
}
