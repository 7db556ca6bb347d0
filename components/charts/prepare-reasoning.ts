import type { ReasoningOverview } from '@/server/contracts/console/reasoning';

/** One stretch of time. Nothing asked is nothing spent; a time that was not taken is a gap. */
export interface ReasoningSlot {
  readonly atMs: number;
  readonly ok: number;
  readonly failed: number;
  readonly disabled: number;
  readonly tokens: number;
  /** Dollars. */
  readonly cost: number;
  /** Seconds. */
  readonly p50: number | null;
  readonly p95: number | null;
}

const seconds = (ms: number | null) => (ms === null ? null : ms / 1_000);

/** Every stretch from `from` to `to`, also those without memos. */
export function prepareReasoning({
  points,
  from,
  to,
  stepSeconds,
}: Pick<ReasoningOverview, 'points' | 'from' | 'to' | 'stepSeconds'>): readonly ReasoningSlot[] {
  const stepMs = stepSeconds * 1_000;
  const fromMs = Date.parse(from);
  const count = stepMs <= 0 ? 0 : Math.max(0, Math.ceil((Date.parse(to) - fromMs) / stepMs));
  const byStretch = new Map(points.map((point) => [Math.floor((Date.parse(point.at) - fromMs) / stepMs), point]));
  return Array.from({ length: count }, (_, index) => {
    const point = byStretch.get(index);
    return {
      atMs: fromMs + index * stepMs,
      ok: point?.ok ?? 0,
      failed: point?.failed ?? 0,
      disabled: point?.disabled ?? 0,
      tokens: (point?.inputTokens ?? 0) + (point?.outputTokens ?? 0),
      cost: Number(point?.cost ?? 0),
      p50: seconds(point?.latencyP50Ms ?? null),
      p95: seconds(point?.latencyP95Ms ?? null),
    };
  });
}
