import { afterEach, expect, test, vi } from 'vitest';
import { childEnvironment } from './child-environment';

const SETTINGS = {
  port: 3000,
  host: '127.0.0.1',
  dataDir: '/data',
  postgresPort: 54_329,
  simulatorPort: 4010,
  gatewayPort: 4020,
  gatewayHost: '127.0.0.1',
  gatewayTls: false,
  databaseUrl: undefined,
  simulated: true,
};
const SECRETS = {
  nextAuthSecret: 'signing',
  postgresPassword: 'db',
  databaseOwnerPassword: 'owner',
  databaseWebPassword: 'web',
  databaseWorkerPassword: 'worker',
  brokerKeyId: 'SIMKEY',
  brokerSecretKey: 'SIMSECRET',
};
const URLS = { owner: 'postgresql://owner@b/c', web: 'postgresql://web@b/c', worker: 'postgresql://worker@b/c' };

afterEach(() => {
  vi.unstubAllEnvs();
});

test('broker keys go to the worker and not to web; the signing key to web and not to the worker', () => {
  vi.stubEnv('BROKER_KEY_ID', 'REALKEY');
  vi.stubEnv('BROKER_SECRET_KEY', 'REALSECRET');
  const { web, worker } = childEnvironment(SETTINGS, SECRETS, URLS);
  expect(worker).toMatchObject({ BROKER_KEY_ID: 'REALKEY', BROKER_SECRET_KEY: 'REALSECRET' });
  expect(JSON.stringify(web)).not.toMatch(/REALKEY|REALSECRET|SIMKEY|SIMSECRET/);
  expect(web).toMatchObject({ NEXTAUTH_SECRET: 'signing' });
  expect(worker).not.toHaveProperty('NEXTAUTH_SECRET');
});

test('the key of the reasoner goes to the worker alone', () => {
  vi.stubEnv('REASONER_KEY', 'MODELKEY');
  const { worker, ...others } = childEnvironment(SETTINGS, SECRETS, URLS);
  expect(worker).toMatchObject({ REASONER_KEY: 'MODELKEY' });
  expect(JSON.stringify(others)).not.toContain('MODELKEY');
});

test('the names of broker keys are taken in web, so that Next cannot fill them in from .env', () => {
  const { web } = childEnvironment(SETTINGS, SECRETS, URLS);
  expect(web).toMatchObject({ BROKER_KEY_ID: '', BROKER_SECRET_KEY: '', REASONER_KEY: '' });
});

test('web and worker each get the login of their own role; nobody gets the owner, and the simulator gets none', () => {
  const { web, worker, simulator, runtime } = childEnvironment(SETTINGS, SECRETS, URLS);
  expect(web.DATABASE_URL).toBe(URLS.web);
  expect(worker.DATABASE_URL).toBe(URLS.worker);
  expect(runtime.DATABASE_URL).toBe(URLS.worker);
  expect(simulator.DATABASE_URL).toBe('');
});
