import { expect, test } from 'vitest';
import { type Aim, type Measured, tableText, verdictOf } from './table';

function row(ratio: number | null, aim: Aim | null, figure = 100): Measured {
  return { row: 'place-1', figure, baseline: 200, baselineName: 'pgbench', ratio, unit: '/s', aim };
}

test.each<[string, Measured, string]>([
  ['a ratio at its aim', row(0.75, { of: 'ratio', least: 0.75 }), 'ok'],
  ['a ratio below its aim', row(0.74, { of: 'ratio', least: 0.75 }), 'below'],
  ['a ratio above its bound', row(4.1, { of: 'ratio', most: 4 }), 'below'],
  ['a figure at its aim', row(null, { of: 'figure', least: 100 }), 'ok'],
  ['a figure below its aim', row(null, { of: 'figure', least: 101 }), 'below'],
  ['a figure below its aim, but not beside its baseline', row(5, { of: 'figure', least: 101, orRatio: 5 }), 'ok'],
  ['a figure below its aim, here and beside its baseline', row(4, { of: 'figure', least: 101, orRatio: 5 }), 'below'],
  ['a ratio that could not be had', row(null, { of: 'ratio', least: 0.1 }), 'below'],
  ['a ratio that is no number', row(Number.NaN, { of: 'ratio', most: 4 }), 'below'],
  ['no aim', row(0.1, null), 'for information'],
])('%s: %s', (_, measured, verdict) => {
  expect(verdictOf(measured, {})).toBe(verdict);
});

test('a known cause excuses its own row alone, and is printed', () => {
  const below = row(0.5, { of: 'ratio', least: 0.75 });
  const causes = { 'place-1': 'the disk of this machine' };
  expect(verdictOf(below, causes)).toBe('known cause');
  expect(verdictOf({ ...below, row: 'place-8' }, causes)).toBe('below');
  expect(tableText([below], causes)).toContain('place-1: known cause: the disk of this machine');
});

test('the table shows figure, baseline, ratio and aim of each row', () => {
  const lines = tableText([row(0.5, { of: 'ratio', least: 0.75 })], {}).split('\n');
  expect(lines[0]).toMatch(/^row +figure +baseline +ratio +aim +verdict$/);
  expect(lines[1]).toMatch(/^place-1 +100 \/s +200 \/s pgbench +50% +≥ 75% +below$/);
});
