import { expect, test } from 'vitest';
import { readConfig } from './config';

const KEYS = { BROKER_KEY_ID: 'k', BROKER_SECRET_KEY: 's' };

test('fault switches, which need no keys, are not opened to a network', () => {
  expect(() => readConfig({ ...KEYS, SIMULATOR_FAULTS: '1', HOST: '0.0.0.0' }, 'v')).toThrow('SIMULATOR_FAULTS');
  expect(readConfig({ ...KEYS, SIMULATOR_FAULTS: '1' }, 'v')).toMatchObject({ faults: true, host: '127.0.0.1' });
  expect(readConfig({ ...KEYS, HOST: '0.0.0.0' }, 'v')).toMatchObject({ faults: false, host: '0.0.0.0' });
});

test('what is uncertain of the broker has defaults, each of which can be chosen otherwise', () => {
  expect(readConfig(KEYS, 'v').variants).toMatchObject({ held_legs: 'omitted', leg_events: 'sent' });
  const chosen = readConfig({ ...KEYS, SIMULATOR_VARIANTS: 'held_legs=listed, leg_events=silent' }, 'v');
  expect(chosen.variants).toMatchObject({ held_legs: 'listed', leg_events: 'silent', triggered_leg: 'same_order' });
  expect(() => readConfig({ ...KEYS, SIMULATOR_VARIANTS: 'held_legs=sometimes' }, 'v')).toThrow('held_legs');
  expect(() => readConfig({ ...KEYS, SIMULATOR_VARIANTS: 'nonsense=1' }, 'v')).toThrow('nonsense');
});
