/** A process over a run: processor in percent of one core, and resident memory, a sample each. */
export interface Course {
  readonly name: string;
  readonly samples: readonly { readonly cpuPercent: number; readonly residentMb: number }[];
}

export interface CourseFigures {
  readonly name: string;
  readonly cpuMean: number;
  readonly cpuMost: number;
  /** Medians of the second and of the last quarter: the first is warming up. */
  readonly residentBefore: number;
  readonly residentAfter: number;
  readonly residentMost: number;
}

/** Memory that grows by more than this share, and by more than so many MB, is not flat. */
const GROWTH = 1.15;
const LEAST_GROWTH_MB = 20;

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function figuresOf({ name, samples }: Course): CourseFigures {
  const quarter = Math.max(1, Math.floor(samples.length / 4));
  const resident = samples.map(({ residentMb }) => residentMb);
  return {
    name,
    cpuMean: mean(samples.map(({ cpuPercent }) => cpuPercent)),
    cpuMost: Math.max(...samples.map(({ cpuPercent }) => cpuPercent)),
    residentBefore: median(resident.slice(quarter, 2 * quarter)),
    residentAfter: median(resident.slice(-quarter)),
    residentMost: Math.max(...resident),
  };
}

/** Whether memory kept growing once warm. */
export function grew({ residentBefore, residentAfter }: CourseFigures): boolean {
  return residentAfter > residentBefore * GROWTH && residentAfter - residentBefore > LEAST_GROWTH_MB;
}

export interface BarRow {
  readonly symbol: string;
  /** Starts, epoch ms, in the order in which they were announced. */
  readonly announced: readonly number[];
  readonly stored: readonly number[];
}

/** What is wrong with a symbol's bars over the minutes that begin in [fromMs, toMs); empty when nothing is. */
export function barFaults({ symbol, announced, stored }: BarRow, fromMs: number, toMs: number): string[] {
  const faults: string[] = [];
  const within = (starts: readonly number[]) => starts.filter((ms) => ms >= fromMs && ms < toMs);
  const [there, announcedMs] = [new Set(stored), within(announced)];
  for (let ms = fromMs; ms < toMs; ms += 60_000) {
    const minute = new Date(ms).toISOString().slice(11, 16);
    if (!there.has(ms)) faults.push(`${symbol}: no bar of ${minute}`);
    const times = announcedMs.filter((each) => each === ms).length;
    if (times !== 1) faults.push(`${symbol}: bar of ${minute} announced ${times} times`);
  }
  if (announcedMs.some((ms, index) => ms < (announcedMs[index - 1] ?? 0)))
    faults.push(`${symbol}: bars announced out of order`);
  return faults;
}
