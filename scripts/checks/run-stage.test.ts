import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countPlaywright, countVitest } from './run-stage';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'countersign-report-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function report(content: unknown): string {
  const file = path.join(folder, 'report.json');
  writeFileSync(file, JSON.stringify(content));
  return file;
}

const stats = { expected: 5, unexpected: 0, flaky: 0, skipped: 2 };
const vitestTotals = { numPassedTests: 5, numFailedTests: 0, numPendingTests: 1, numTodoTests: 1 };

describe.each([
  ['Playwright', countPlaywright, { stats }, { stats: { ...stats, unexpected: 2, flaky: 1 } }],
  ['Vitest', countVitest, vitestTotals, { ...vitestTotals, numFailedTests: 3 }],
] as const)('counts of %s', (_, count, green, red) => {
  test('are those of its report', () => {
    expect(count(report(green), 0)).toEqual({ passed: 5, failed: 0, skipped: 2 });
    expect(count(report(red), 1)).toEqual({ passed: 5, failed: 3, skipped: 2 });
  });

  test('have one failure when the runner failed without a failed test', () => {
    expect(count(report(green), 1)).toEqual({ passed: 5, failed: 1, skipped: 2 });
  });

  test('have one failure when there is no report, or one of another form', () => {
    expect(count(path.join(folder, 'missing.json'), 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(count(report({}), 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});
