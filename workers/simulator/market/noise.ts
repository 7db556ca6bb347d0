/** A deterministic 32-bit hash of three integers. */
export function hash32(a: number, b: number, c: number): number {
  let h =
    Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^
    Math.imul(b ^ 0x7f4a7c15, 0xc2b2ae35) ^
    Math.imul(c ^ 0x165667b1, 0x27d4eb2f);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  h ^= h >>> 12;
  h = Math.imul(h, 0x297a2d39);
  return (h ^ (h >>> 15)) >>> 0;
}

/** A hash as a number in [0, 1). */
export function unitHash(a: number, b: number, c: number): number {
  return hash32(a, b, c) / 0x1_0000_0000;
}

const OCTAVES = 18;

interface Cell {
  cell: number;
  left: number;
  right: number;
}

/**
 * A path that looks like a random walk yet is a pure function of the step, so that any moment of any day can be priced
 * without walking there: value noise of 18 octaves, each twice as long as the last and the root of two as high.
 * The longest spans some six days of one-second steps; beyond that the path returns to its mean.
 */
export class NoisePath {
  private readonly seed: number;
  private readonly cells: Cell[] = Array.from({ length: OCTAVES }, () => ({ cell: Number.NaN, left: 0, right: 0 }));

  constructor(seed: number) {
    this.seed = seed;
  }

  /** Height at a step; one step moves it by about 1. */
  at(step: number): number {
    let height = 0;
    let period = 4;
    let amplitude = 2;
    for (let octave = 0; octave < OCTAVES; octave += 1) {
      const cell = Math.floor(step / period);
      const known = this.cells[octave];
      if (known === undefined) break;
      if (known.cell !== cell) {
        known.cell = cell;
        known.left = this.value(octave, cell);
        known.right = this.value(octave, cell + 1);
      }
      const t = step / period - cell;
      const smooth = t * t * (3 - 2 * t);
      height += amplitude * (known.left + (known.right - known.left) * smooth);
      period *= 2;
      amplitude *= Math.SQRT2;
    }
    return height;
  }

  private value(octave: number, cell: number): number {
    return unitHash(this.seed, octave, cell | 0) * 2 - 1;
  }
}
