/** Times so many things were done, with nothing but the processor. */
export type Work = () => number | Promise<number>;

const SLICE_MS = 250;

/** Repeats the work for a slice. @returns how many a second */
async function rateOfSlice(work: Work): Promise<number> {
  const before = process.cpuUsage();
  const started = performance.now();
  let count = 0;
  do count += await work();
  while (performance.now() - started < SLICE_MS);
  const { user, system } = process.cpuUsage(before);
  // Both are more than what the work's own thread took: the clock counts waiting for the processor, the processor
  // time counts collector and compiler threads.
  const seconds = Math.min((user + system) / 1e6, (performance.now() - started) / 1e3);
  return count / seconds;
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
