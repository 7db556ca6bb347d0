/** Only between two looks, never instead of one. */
export const delay = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

/** The fault did not clear, or what a scenario waits for did not come: the cell is not held. */
export class WaitError extends Error {
  override readonly name = 'WaitError';
}

const LOOK_MS = 50;

/** Looks every 50 ms until `holds`. A look that throws counts as no. @throws WaitError after `limitMs` */
export async function until(what: string, holds: () => Promise<boolean> | boolean, limitMs = 30_000): Promise<void> {
  const endMs = performance.now() + limitMs;
  let cause: unknown;
  for (;;) {
    try {
      if (await holds()) return;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > endMs) throw new WaitError(`waited ${limitMs} ms for ${what}`, { cause });
    await delay(LOOK_MS);
  }
}
