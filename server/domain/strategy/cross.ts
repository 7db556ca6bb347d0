import type { Side } from '@/server/kernel/vocabulary';

/**
 * Watches the sign of a difference. A crossing is a change between below and above; touching zero in between is no
 * crossing of its own. The first sign that is seen is where things stand, not a crossing.
 */
export class Cross {
  #side = 0;

  /** @param difference fast less slow; NaN while either is unknown */
  next(difference: number): Side | null {
    const side = Math.sign(difference);
    if (Number.isNaN(side) || side === 0 || side === this.#side) return null;
    const known = this.#side !== 0;
    this.#side = side;
    if (!known) return null;
    return side > 0 ? 'BUY' : 'SELL';
  }
}
