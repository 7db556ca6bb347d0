import { expect, test } from 'vitest';
import { MIGRATIONS } from '@/server/adapters/postgres/migrations';
import { schemaFault } from './readiness-read';

test('a schema that lacks a migration, or has one that this code does not know, is at fault', () => {
  expect(schemaFault(MIGRATIONS)).toBeNull();
  expect(schemaFault([])).toContain(MIGRATIONS[0]);
  expect(schemaFault(MIGRATIONS.slice(0, -1))).toBe(`not applied: ${MIGRATIONS.at(-1)}`);
  expect(schemaFault([...MIGRATIONS, '29990101000000_future'])).toMatch(/newer version \(29990101000000_future\)/);
});
