const CAPACITY = 4096;

/** The newest points of the equity curve, a ring of fixed size. Floats: it is drawn, never booked. */
export class EquityCurve {
  private readonly times = new Float64Array(CAPACITY);
  private readonly values = new Float64Array(CAPACITY);
  private count = 0;

  add(atMs: number, equity: number): void {
    this.times[this.count % CAPACITY] = atMs;
    this.values[this.count % CAPACITY] = equity;
    this.count += 1;
  }

  /** Points with `fromMs <= time <= toMs`, oldest first. */
  between(fromMs: number, toMs: number): { atMs: number; equity: number }[] {
    const points: { atMs: number; equity: number }[] = [];
    for (let index = Math.max(0, this.count - CAPACITY); index < this.count; index += 1) {
      const atMs = this.times[index % CAPACITY] ?? 0;
      if (atMs >= fromMs && atMs <= toMs) points.push({ atMs, equity: this.values[index % CAPACITY] ?? 0 });
    }
    return points;
  }
}
