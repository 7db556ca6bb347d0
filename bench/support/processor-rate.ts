/** Times so many things were done, with nothing but the processor. */
export type Work = () => number | Promise<number>;

const SLICE_MS = 250;

/** Repeats the work for a slice. @returns how many a second of processor time, collector and compiler included */
async function rateOfSlice(work: Work): Promise<number> {
  const before = process.cpuUsage();
  const started = performance.now();
  let count = 0;
  do count += await work();
  while (performance.now() - started < SLICE_MS);
  const { user, system } = process.cpuUsage(before);
  return (count * 1e6) / (user + system);
}

/**
 * The best slice of each of several works, measured in turns. Absolute figures are about the code: processor time and
 * the best slice leave out who else uses the machine.
 */
export async function bestRates(works: readonly Work[], rounds: number): Promise<number[]> {
  const best = works.map(() => 0);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, work] of works.entries()) best[index] = Math.max(best[index] ?? 0, await rateOfSlice(work));
  }
  return best;
}
