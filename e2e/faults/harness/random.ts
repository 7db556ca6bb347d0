import { randomFrom } from '@/e2e/system/support/random';

/** Draws that follow from the printed seed and the cell's name alone, whatever runs beside it. */
export class Draws {
  private readonly next: () => number;

  constructor(seed: number, name: string) {
    let mixed = seed;
    for (const letter of name) mixed = (Math.imul(mixed, 31) + letter.charCodeAt(0)) >>> 0;
    this.next = randomFrom(mixed);
  }

  /** A whole number from `least` to `most`. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  pick<T>(values: readonly [T, ...T[]]): T {
    return values[this.whole(0, values.length - 1)] ?? values[0];
  }
}
