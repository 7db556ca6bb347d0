import { expect, test } from 'vitest';
import { venueRefusal } from './stage-venue';

const VENUES = ['SIM', 'PAPER', 'LIVE'] as const;

test.each<[string, readonly string[]]>([
  ['M0_LOCAL', ['SIM']],
  ['M1_PAPER', ['SIM', 'PAPER']],
  ['M2_SANDBOX', ['PAPER']],
  ['M3_LIVE_SMALL', ['LIVE']],
  ['none', []],
  ['M4_EVERYTHING', []],
])('%s allows %j and nothing else', (stage, allowed) => {
  expect(VENUES.filter((venue) => venueRefusal(stage, venue) === null)).toEqual(allowed);
});

test('a refusal says what to change', () => {
  expect(venueRefusal('M1_PAPER', 'LIVE')).toBe(
    'stage M1_PAPER allows SIM or PAPER, but BROKER_URL leads to LIVE: change BROKER_URL or the stage',
  );
});
