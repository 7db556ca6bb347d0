import { expect, test } from 'vitest';
import { alpacaSettings } from './settings';

const PAPER = 'https://paper-api.alpaca.markets';
const LIVE = 'https://api.alpaca.markets';

test.each([
  ['no keys', {}, 'set BROKER_KEY_ID and BROKER_SECRET_KEY, then restart the worker'],
  ['no secret', { BROKER_KEY_ID: 'PK1' }, 'set BROKER_SECRET_KEY, then restart the worker'],
  ['no key id', { BROKER_SECRET_KEY: 's' }, 'set BROKER_KEY_ID, then restart the worker'],
  [
    'keys of the live account at the paper address',
    { BROKER_URL: PAPER, BROKER_KEY_ID: 'AK1', BROKER_SECRET_KEY: 's' },
    'BROKER_KEY_ID begins with AK and belongs to a live account, but BROKER_URL is the paper address',
  ],
  [
    'keys of the paper account at the live address',
    { BROKER_URL: LIVE, BROKER_KEY_ID: 'PK1', BROKER_SECRET_KEY: 's' },
    'BROKER_KEY_ID begins with PK and belongs to a paper account, but BROKER_URL is the live address',
  ],
  [
    'keys that are simply wrong',
    { BROKER_URL: PAPER, BROKER_KEY_ID: 'PK1', BROKER_SECRET_KEY: 's' },
    'check BROKER_KEY_ID and BROKER_SECRET_KEY, then restart the worker',
  ],
])('%s: the variable to mend is named', (_, env, advice) => {
  expect(alpacaSettings({ SIMULATOR_PORT: 4010, ...env }).keyAdvice).toContain(advice);
});
