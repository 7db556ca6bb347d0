import { expect, test } from 'vitest';
import { prepareReasoning } from './prepare-reasoning';

const POINT = {
  at: '2026-01-05T15:02:00.000Z',
  memos: 3,
  ok: 2,
  failed: 1,
  disabled: 0,
  slow: 0,
  inputTokens: 900,
  outputTokens: 100,
  cost: '0.0125',
  latencyP50Ms: 1_500,
  latencyP95Ms: null,
};

test('a stretch without memos costs nothing and leaves a gap in the times', () => {
  const slots = prepareReasoning({
    points: [POINT],
    from: '2026-01-05T15:00:00.000Z',
    to: '2026-01-05T15:03:30.000Z',
    stepSeconds: 60,
  });
  expect(slots).toHaveLength(4);
  expect(slots[1]).toMatchObject({ atMs: Date.parse('2026-01-05T15:01:00.000Z'), cost: 0, ok: 0, p50: null });
  expect(slots[2]).toMatchObject({ ok: 2, failed: 1, tokens: 1_000, cost: 0.0125, p50: 1.5, p95: null });
});

test('no time is no slot', () => {
  const at = '2026-01-05T15:00:00.000Z';
  expect(prepareReasoning({ points: [], from: at, to: at, stepSeconds: 60 })).toEqual([]);
});
