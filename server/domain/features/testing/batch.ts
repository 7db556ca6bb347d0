/** Indicators over whole series, by their definitions: slow, and nothing is carried from one bar to the next but what the definition says. */

type Series = readonly number[];

const sum = (values: Series) => values.reduce((total, value) => total + value, 0);
const mean = (values: Series) => sum(values) / values.length;

/** `of` the last `period` values up to each, NaN before there are so many. */
function windows<T>(values: Series, period: number, of: (window: Series) => T, none: T): T[] {
  return values.map((_, index) => (index + 1 < period ? none : of(values.slice(index + 1 - period, index + 1))));
}

const spread = (window: Series) => {
  const middle = mean(window);
  return Math.sqrt(sum(window.map((value) => (value - middle) ** 2)) / window.length);
};

export const sma = (values: Series, period: number): number[] => windows(values, period, mean, Number.NaN);

export const deviation = (values: Series, period: number): number[] => windows(values, period, spread, Number.NaN);

export const averageSoFar = (values: Series, most: number): number[] =>
  values.map((_, index) => mean(values.slice(Math.max(0, index + 1 - most), index + 1)));

/** Begins with the average of the first `period`, then `keep` of what was and the rest of what is new. */
function smoothed(values: Series, period: number, keep: number): number[] {
  let value = Number.NaN;
  return values.map((input, index) => {
    if (index + 1 === period) value = mean(values.slice(0, period));
    else if (index + 1 > period) value = keep * value + (1 - keep) * input;
    return value;
  });
}

export const ema = (values: Series, period: number): number[] => smoothed(values, period, 1 - 2 / (period + 1));

const wilder = (values: Series, period: number) => smoothed(values, period, (period - 1) / period);

const changes = (values: Series) => values.slice(1).map((value, index) => value - (values[index] ?? Number.NaN));

export function rsi(values: Series, period: number): number[] {
  const moves = changes(values);
  const up = wilder(
    moves.map((move) => Math.max(move, 0)),
    period,
  );
  const down = wilder(
    moves.map((move) => Math.max(-move, 0)),
    period,
  );
  const strength = up.map((gain, index) => {
    const loss = down[index] ?? Number.NaN;
    return loss === 0 ? 100 : 100 - 100 / (1 + gain / loss);
  });
  return [Number.NaN, ...strength];
}

export function atr(highs: Series, lows: Series, closes: Series, period: number): number[] {
  const ranges = closes.slice(0, -1).map((before, index) => {
    const [high, low] = [highs[index + 1] ?? Number.NaN, lows[index + 1] ?? Number.NaN];
    return Math.max(high - low, Math.abs(high - before), Math.abs(low - before));
  });
  return [Number.NaN, ...wilder(ranges, period)];
}

/** [value, signal, histogram] a bar. */
export function macd(values: Series, fast: number, slow: number, signal: number): [number, number, number][] {
  const [quick, lazy] = [ema(values, fast), ema(values, slow)];
  const line = quick.map((value, index) => value - (lazy[index] ?? Number.NaN));
  const from = slow - 1;
  const smooth = [...line.slice(0, from), ...ema(line.slice(from), signal)];
  return line.map((value, index) => [value, smooth[index] ?? Number.NaN, value - (smooth[index] ?? Number.NaN)]);
}

/** [lower, middle, upper] a bar. */
export function bollinger(values: Series, period: number, width: number): [number, number, number][] {
  const none: [number, number, number] = [Number.NaN, Number.NaN, Number.NaN];
  const bands = (window: Series): [number, number, number] => {
    const [middle, reach] = [mean(window), width * spread(window)];
    return [middle - reach, middle, middle + reach];
  };
  return windows(values, period, bands, none);
}

/** [lower, upper] of the `period` bars before each. */
export const donchian = (highs: Series, lows: Series, period: number): [number, number][] =>
  highs.map((_, index) =>
    index < period
      ? [Number.NaN, Number.NaN]
      : [Math.min(...lows.slice(index - period, index)), Math.max(...highs.slice(index - period, index))],
  );

export const correlation = (xs: Series, ys: Series, period: number): number[] =>
  xs.map((_, index) => {
    if (index + 1 < period) return Number.NaN;
    const [x, y] = [xs.slice(index + 1 - period, index + 1), ys.slice(index + 1 - period, index + 1)];
    const [meanX, meanY] = [mean(x), mean(y)];
    const both = sum(x.map((value, n) => (value - meanX) * ((y[n] ?? Number.NaN) - meanY)));
    return both / (period * spread(x) * spread(y));
  });
