import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { replayText } from '@/test-support/replay';
import { haveShared, sharedFile } from '@/test-support/shared';

const GOLDEN = path.join(import.meta.dirname, 'golden');
const digests = z
  .record(z.string(), z.string())
  .parse(JSON.parse(readFileSync(path.join(GOLDEN, 'sha256.json'), 'utf8')));
const scenarios = readdirSync(GOLDEN).filter((name) => name.endsWith('.jsonl'));

describe('golden scenarios', () => {
  it('are all listed with their digest', () => {
    expect(Object.keys(digests).sort()).toEqual([...scenarios].sort());
  });

  it.each(scenarios)('%s: every expectation holds and the journal is the same bytes, twice', (name) => {
    const text = readFileSync(path.join(GOLDEN, name), 'utf8');
    const { report, sha256 } = replayText(text);
    expect(report.failures).toEqual([]);
    expect(report.held).toBeGreaterThan(0);
    expect(sha256).toBe(digests[name]);
    expect(replayText(text).sha256).toBe(sha256);
  });
});

describe.runIf(haveShared)('shared vectors and cases', () => {
  const scenariosIn = (folder: string) =>
    readdirSync(sharedFile(folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => path.join(folder, name));
  const files = haveShared ? [...scenariosIn('vectors'), ...scenariosIn('cases/execution')] : [];
  it.each(files)('%s holds', (name) => {
    const { report } = replayText(readFileSync(sharedFile(name), 'utf8'));
    expect(report.failures).toEqual([]);
    expect(report.held).toBeGreaterThan(0);
  });
});
