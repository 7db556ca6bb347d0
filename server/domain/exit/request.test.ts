import { expect, test } from 'vitest';
import { addToExit, type ExitTerms } from './request';

const terms = (qty: bigint | null, source: ExitTerms['source'] = 'PERSON'): ExitTerms => ({
  source,
  qty,
  bounded: source === 'CLOSE',
});

test.each([
  ['everything, and everything again', terms(null), terms(null), null],
  ['everything, and a quantity', terms(null), terms(5n), null],
  ['a quantity, and everything', terms(5n), terms(null), terms(null)],
  ['two quantities', terms(5n), terms(3n, 'SIGNAL'), terms(8n)],
  ['the close before the end of the session, again', terms(null, 'CLOSE'), terms(null, 'CLOSE'), null],
  ['that close, and a person: it no longer ends with the session', terms(null, 'CLOSE'), terms(null), terms(null)],
  ['a person, and that close', terms(null), terms(null, 'CLOSE'), null],
])('X-4: %s', (_name, running, added, wanted) => {
  expect(addToExit(running, added)).toEqual(wanted);
});
