import { describe, expect, test } from 'vitest';
import { openBroker } from './brokers';
import { directSettings } from './direct';
import { EnvError, readEnv } from './env';

const DATABASE_URL = 'postgresql://me:secret@127.0.0.1:5432/countersign';
const KEYS = { BROKER_KEY_ID: 'key', BROKER_SECRET_KEY: 'secret' };

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof EnvError) return error.message;
    throw error;
  }
  return 'taken';
}

describe("the broker's addresses", () => {
  test.each(['BROKER_URL', 'BROKER_STREAM_URL', 'MARKET_DATA_URL', 'MARKET_STREAM_URL'])(
    '%s with a name and a password in it is refused, and neither is shown',
    (name) => {
      for (const address of ['https://ann:hunter2@broker.example', 'https://:hunter2@broker.example']) {
        const said = [
          refusal(() => readEnv({ DATABASE_URL, [name]: address })),
          refusal(() => directSettings({ ...KEYS, [name]: address })),
        ];
        for (const line of said) {
          expect(line).toContain(`${name}: must not hold a name or a password`);
          expect(line).not.toMatch(/hunter2|ann/);
        }
      }
    },
  );

  test('without one are taken, and an empty one counts as absent', () => {
    const given = { BROKER_URL: 'https://paper-api.alpaca.markets', MARKET_DATA_URL: '' };
    expect(readEnv({ DATABASE_URL, ...given })).toMatchObject({ BROKER_URL: given.BROKER_URL });
    expect(readEnv({ DATABASE_URL, ...given }).MARKET_DATA_URL).toBeUndefined();
    expect(openBroker(directSettings({ ...KEYS, ...given }).settings).address).toBe(given.BROKER_URL);
  });
});
