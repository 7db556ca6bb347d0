/** A seed of this run: `SYSTEM_SEED` repeats an earlier one. */
export function testSeed(): number {
  return Number(process.env['SYSTEM_SEED'] ?? 0) || Date.now() % 1_000_000;
}

/** Numbers in [0, 1) that follow from the seed alone (a 32-bit xorshift). */
export function randomFrom(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 0x1_0000_0000;
  };
}
