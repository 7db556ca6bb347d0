import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findStrategy } from '@/server/domain/strategy';
import { runScenario } from './run-scenario';
import { parseScenario } from './scenario-file';

const PAGE = readFileSync(path.resolve(import.meta.dirname, '../../docs/scenario-format.md'), 'utf8');
const EXAMPLES = [...PAGE.matchAll(/^```jsonl scenario\n(.*?)^```$/gms)].map((match) => {
  const text = match[1] ?? '';
  return { name: parseScenario(text).header.name, text };
});

describe('docs/scenario-format.md', () => {
  it('has examples', () => {
    expect(EXAMPLES.length).toBeGreaterThanOrEqual(4);
  });

  it.each(EXAMPLES)('$name: every expectation of the example holds', ({ text }) => {
    const report = runScenario(parseScenario(text), { sink: () => undefined, strategyOf: findStrategy });
    expect(report.failures).toEqual([]);
    expect(report.held).toBe(text.match(/"type":"expect"/g)?.length);
  });
});
