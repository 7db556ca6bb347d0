// The environment of each process of `npm start`.
import path from 'node:path';
import { codeVersion } from '../lib/repo';
import { webDir } from '../lib/setup';
import type { DatabaseUrls } from './database';
import type { Secrets } from './secrets';
import type { Settings } from './settings';

/** Empty, not absent: Next reads .env itself and fills in what the environment does not name. */
const NOT_FOR_WEB = { BROKER_KEY_ID: '', BROKER_SECRET_KEY: '', REASONER_KEY: '' };

/**
 * The environment of each kind of child. Broker keys are for the worker and the simulator, never for the web process; the
 * reasoner's key is for the worker alone, the key that signs sessions for the web process alone.
 */
export function childEnvironment(settings: Settings, secrets: Secrets, databaseUrls: DatabaseUrls) {
  const { BROKER_KEY_ID, BROKER_SECRET_KEY, NEXTAUTH_SECRET, REASONER_KEY, ...inherited } = process.env;
  const common: NodeJS.ProcessEnv = {
    ...inherited,
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    DATA_DIR: settings.dataDir,
    PORT: String(settings.port),
    HOST: settings.host,
    SIMULATOR_PORT: String(settings.simulatorPort),
    GATEWAY_PORT: String(settings.gatewayPort),
    GATEWAY_HOST: settings.gatewayHost,
    CODE_VERSION: process.env['CODE_VERSION'] || codeVersion(),
  };
  for (const name of ['SIMULATOR_BARS', 'SIMULATOR_NEWS', 'NEWS_FILE']) {
    const file = process.env[name];
    // Relative to where the command was given, as a person means it.
    if (file) common[name] = path.resolve(process.env['INIT_CWD'] ?? process.cwd(), file);
  }
  const keys = {
    BROKER_KEY_ID: BROKER_KEY_ID || (settings.simulated ? secrets.brokerKeyId : ''),
    BROKER_SECRET_KEY: BROKER_SECRET_KEY || (settings.simulated ? secrets.brokerSecretKey : ''),
  };
  const signing = { NEXTAUTH_SECRET: NEXTAUTH_SECRET || secrets.nextAuthSecret };
  // Without a public address of its own the console is reached by whatever name the browser used.
  const address = process.env['NEXTAUTH_URL']
    ? {}
    : { NEXTAUTH_URL: `http://127.0.0.1:${settings.port}`, AUTH_TRUST_HOST: 'true' };
  const { DATA_DIR, SIMULATOR_PORT, CODE_VERSION } = common;
  return {
    web: { ...common, DATABASE_URL: databaseUrls.web, ...signing, ...address, ...NOT_FOR_WEB, NEXT_DIST_DIR: webDir },
    // The rights of the web process, and none of its keys: tokens are verified against their hashes.
    gateway: { ...common, DATABASE_URL: databaseUrls.web, ...NOT_FOR_WEB },
    // HOST opens the console to a network, never the paper broker.
    worker: {
      ...common,
      DATABASE_URL: databaseUrls.worker,
      ...keys,
      HOST: '127.0.0.1',
      REASONER_KEY: REASONER_KEY ?? '',
    },
    // The simulator has no database: it is an oracle that must not depend on ours.
    simulator: { ...common, DATABASE_URL: '', ...keys, HOST: '127.0.0.1' },
    // With the broker's address: the command line stops trading there even when nothing else is up.
    runtime: {
      DATABASE_URL: databaseUrls.worker,
      DATA_DIR,
      SIMULATOR_PORT,
      CODE_VERSION,
      BROKER_URL: process.env['BROKER_URL'] ?? '',
      ...keys,
    },
  };
}
