/** Middle value; the mean of the two middle ones for an even count. @throws RangeError without values */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  if (upper === undefined || lower === undefined) throw new RangeError('no values');
  return (lower + upper) / 2;
}

/** Nearest-rank percentile, `share` from 0 to 1. @throws RangeError without values */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  const value = sorted[rank - 1];
  if (value === undefined) throw new RangeError('no values');
  return value;
}

/** Median of the ratios of pairs measured one after the other: slow spells of the machine hit both sides of a pair. */
export function medianRatio(pairs: readonly { readonly subject: number; readonly baseline: number }[]): number {
  return median(pairs.map(({ subject, baseline }) => subject / baseline));
}
