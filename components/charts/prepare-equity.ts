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

/**
 * Points of the equity and drawdown curves. Text becomes floats here, for pixels only. Samples that are no numbers
 * become gaps; a silence of more than three steps gets a null point on each side.
 */
export function prepareEquity(samples: readonly EquitySample[], stepSeconds: number): readonly EquityPoint[] {
  const points: EquityPoint[] = [];
  const longestMs = stepSeconds * 1_000 * GAP_STEPS;
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

/** Lower and upper end of the equity axis: the data with a twentieth of air, never a flat line on an edge. */
export function equityDomain(points: readonly EquityPoint[]): readonly [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { equity } of points) {
    if (equity === null) continue;
    low = Math.min(low, equity);
    high = Math.max(high, equity);
  }
  if (low > high) return [0, 1];
  const air = Math.max((high - low) / 20, Math.abs(high) / 10_000, 0.01);
  return [low - air, high + air];
}
