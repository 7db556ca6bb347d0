import { expect, test } from 'vitest';
import { readConfig } from './config';

const KEYS = { BROKER_KEY_ID: 'k', BROKER_SECRET_KEY: 's' };

test('fault switches, which need no keys, are not opened to a network', () => {
  expect(() => readConfig({ ...KEYS, SIMULATOR_FAULTS: '1', HOST: '0.0.0.0' }, 'v')).toThrow('SIMULATOR_FAULTS');
  expect(readConfig({ ...KEYS, SIMULATOR_FAULTS: '1' }, 'v')).toMatchObject({ faults: true, host: '127.0.0.1' });
  expect(readConfig({ ...KEYS, HOST: '0.0.0.0' }, 'v')).toMatchObject({ faults: false, host: '0.0.0.0' });
});
