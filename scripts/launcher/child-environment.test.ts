import { afterEach, expect, test, vi } from 'vitest';
import { childEnvironment } from './child-environment.mjs';

const SETTINGS = {
  port: 3000,
  host: '127.0.0.1',
  dataDir: '/data',
  postgresPort: 54_329,
  simulatorPort: 4010,
  databaseUrl: undefined,
  simulated: true,
};
const SECRETS = {
  nextAuthSecret: 'signing',
  postgresPassword: 'db',
  brokerKeyId: 'SIMKEY',
  brokerSecretKey: 'SIMSECRET',
};

afterEach(() => {
  vi.unstubAllEnvs();
});

test('broker keys go to the worker and not to web; the signing key to web and not to the worker', () => {
  vi.stubEnv('BROKER_KEY_ID', 'REALKEY');
  vi.stubEnv('BROKER_SECRET_KEY', 'REALSECRET');
  const { web, worker } = childEnvironment(SETTINGS, SECRETS, 'postgresql://a@b/c');
  expect(worker).toMatchObject({ BROKER_KEY_ID: 'REALKEY', BROKER_SECRET_KEY: 'REALSECRET' });
  expect(JSON.stringify(web)).not.toMatch(/REALKEY|REALSECRET|SIMKEY|SIMSECRET/);
  expect(web).toMatchObject({ NEXTAUTH_SECRET: 'signing' });
  expect(worker).not.toHaveProperty('NEXTAUTH_SECRET');
});

test('the key of the reasoner goes to the worker alone', () => {
  vi.stubEnv('REASONER_KEY', 'MODELKEY');
  const { worker, ...others } = childEnvironment(SETTINGS, SECRETS, 'postgresql://a@b/c');
  expect(worker).toMatchObject({ REASONER_KEY: 'MODELKEY' });
  expect(JSON.stringify(others)).not.toContain('MODELKEY');
});

test('the names of broker keys are taken in web, so that Next cannot fill them in from .env', () => {
  const { web } = childEnvironment(SETTINGS, SECRETS, 'postgresql://a@b/c');
  expect(web).toMatchObject({ BROKER_KEY_ID: '', BROKER_SECRET_KEY: '', REASONER_KEY: '' });
});
