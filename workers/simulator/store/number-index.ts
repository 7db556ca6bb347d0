const FIRST_CAPACITY = 4096;

/** FNV-1a over the text's code units, never 0. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash | 0 || 1;
}

/**
 * From texts to the numbers (above 0) they name, without keeping the texts: a number costs eight bytes or so, and the
 * owner of the texts says whether a number found is the right one. Open addressing, at most half full.
 */
export class NumberIndex {
  private hashes = new Int32Array(FIRST_CAPACITY);
  private numbers = new Int32Array(FIRST_CAPACITY);
  private count = 0;

  /** Adds a text that is not in the index yet. */
  add(text: string, number: number): void {
    if (this.count * 2 >= this.numbers.length) this.grow();
    this.place(hashOf(text), number);
    this.count += 1;
  }

  /** The number of a text; `isRight` tells numbers apart whose texts share a hash. */
  find(text: string, isRight: (number: number) => boolean): number | undefined {
    const hash = hashOf(text);
    const mask = this.numbers.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const number = this.numbers[slot] ?? 0;
      if (number === 0) return undefined;
      if (this.hashes[slot] === hash && isRight(number)) return number;
    }
  }

  private place(hash: number, number: number): void {
    const mask = this.numbers.length - 1;
    let slot = hash & mask;
    while (this.numbers[slot] !== 0) slot = (slot + 1) & mask;
    this.hashes[slot] = hash;
    this.numbers[slot] = number;
  }

  private grow(): void {
    const { hashes, numbers } = this;
    this.hashes = new Int32Array(hashes.length * 2);
    this.numbers = new Int32Array(numbers.length * 2);
    for (const [slot, number] of numbers.entries()) if (number !== 0) this.place(hashes[slot] ?? 0, number);
  }
}
