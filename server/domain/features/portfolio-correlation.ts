/** Closes of a symbol by the end of their bars, epoch ms. */
export type Closes = ReadonlyMap<number, number>;

export interface Holding {
  readonly symbol: string;
  /** Market value, negative for a short position. */
  readonly value: number;
}

/** Fewer common bars than this say nothing. */
const LEAST_RETURNS = 20;

function returnsAt(closes: Closes, ends: readonly number[]): number[] {
  return ends.slice(1).map((end, index) => {
    const [before, after] = [closes.get(ends[index] ?? 0) ?? Number.NaN, closes.get(end) ?? Number.NaN];
    return Math.log(after / before);
  });
}

function pearson(xs: readonly number[], ys: readonly number[]): number | null {
  const n = xs.length;
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / n;
  const [meanX, meanY] = [mean(xs), mean(ys)];
  let [xx, yy, xy] = [0, 0, 0];
  for (let i = 0; i < n; i += 1) {
    const [dx, dy] = [(xs[i] ?? 0) - meanX, (ys[i] ?? 0) - meanY];
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  if (!(xx > 0 && yy > 0)) return null;
  return Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy)));
}

/**
 * How a candidate moved with what is held: the correlation of its log returns with those of the portfolio at today's weights,
 * over the bars that all of them have. 0 where nothing is held; `null` where it cannot be known (too few common bars, or one
 * of the two stood still).
 */
export function portfolioCorrelation(
  candidate: Closes,
  holdings: readonly Holding[],
  closesOf: (symbol: string) => Closes | undefined,
): number | null {
  const held = holdings.filter(({ value }) => value !== 0);
  if (held.length === 0) return 0;
  const gross = held.reduce((sum, { value }) => sum + Math.abs(value), 0);
  const series = held.map(({ symbol, value }) => ({ closes: closesOf(symbol), weight: value / gross }));
  const ends = [...candidate.keys()]
    .filter((end) => series.every(({ closes }) => closes?.has(end) === true))
    .sort((a, b) => a - b);
  if (ends.length <= LEAST_RETURNS) return null;
  const portfolio = new Array<number>(ends.length - 1).fill(0);
  for (const { closes, weight } of series) {
    if (closes === undefined) return null;
    for (const [index, value] of returnsAt(closes, ends).entries())
      portfolio[index] = (portfolio[index] ?? 0) + weight * value;
  }
  return pearson(returnsAt(candidate, ends), portfolio);
}
