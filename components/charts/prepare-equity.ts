/** One sample of the account, decimals as text. */
export interface EquitySample {
  readonly at: string;
  readonly equity: string;
  readonly drawdownPct: string;
}

/** A point to draw; null is a gap, over which no line is drawn. */
export interface EquityPoint {
  readonly atMs: number;
  readonly equity: number | null;
  /** Per cent, zero or below. */
  readonly drawdown: number | null;
}

/** Silence longer than this many steps is a gap: the worker was down or the market data missing. */
const GAP_STEPS = 3;
/** An unchanged account is sampled once a minute: shorter silence is no gap. */
const QUIET_MS = 90_000;

/**
 * Points of the equity and drawdown curves. Text becomes floats here, for pixels only. Samples that are no numbers
 * become gaps; a silence of more than three steps, and of more than 90 s, gets a null point on each side.
 */
export function prepareEquity(samples: readonly EquitySample[], stepSeconds: number): readonly EquityPoint[] {
  const points: EquityPoint[] = [];
  const longestMs = Math.max(stepSeconds * 1_000 * GAP_STEPS, QUIET_MS);
  let previousMs: number | null = null;
  for (const sample of samples) {
    const atMs = Date.parse(sample.at);
    if (Number.isNaN(atMs)) continue;
    if (previousMs !== null && atMs - previousMs > longestMs) {
      points.push(
        { atMs: previousMs + 1, equity: null, drawdown: null },
        { atMs: atMs - 1, equity: null, drawdown: null },
      );
    }
    const equity = finite(sample.equity);
    const drawdown = finite(sample.drawdownPct);
    points.push({ atMs, equity, drawdown: drawdown === null ? null : -Math.abs(drawdown) * 100 });
    previousMs = atMs;
  }
  return points;
}

function finite(text: string): number | null {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}

/** About `count` round values (1, 2 or 5 times a power of ten) that reach from below `low` to above `high`. */
function roundTicks(low: number, high: number, count: number): readonly number[] {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.floor(low / step);
  const last = Math.ceil(high / step);
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

/** Round values for the equity axis; the line never lies on an edge, and a flat one is in the middle. */
export function equityTicks(points: readonly EquityPoint[]): readonly number[] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { equity } of points) {
    if (equity === null) continue;
    low = Math.min(low, equity);
    high = Math.max(high, equity);
  }
  if (low > high) return [0, 1];
  const air = Math.max((high - low) / 50, Math.abs(high) / 10_000, 0.01);
  return roundTicks(low - air, high + air, 4);
}

const MINUTE_MS = 60_000;
/** Steps people read clocks by, in minutes. */
const CLOCK_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 240, 360, 720, 1_440, 2_880, 10_080];

/** Round clock times between the first and last point, about `count` of them. */
export function clockTicks(points: readonly EquityPoint[], count: number): readonly number[] {
  const first = points[0]?.atMs;
  const last = points.at(-1)?.atMs;
  if (first === undefined || last === undefined) return [];
  const rough = (last - first) / count / MINUTE_MS;
  const stepMs = (CLOCK_STEPS.find((step) => step >= rough) ?? 10_080) * MINUTE_MS;
  const start = Math.ceil(first / stepMs) * stepMs;
  return Array.from(
    { length: Math.max(0, Math.floor((last - start) / stepMs) + 1) },
    (_, index) => start + index * stepMs,
  );
}
