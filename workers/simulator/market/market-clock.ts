/** The market's own time: the wall clock, or a recording's time running `speed` times as fast. It never goes back. */
export class MarketClock {
  private readonly wall: () => number;
  readonly speed: number;
  private anchorWallMs: number;
  private anchorMarketMs: number;
  private latestMs = Number.NEGATIVE_INFINITY;

  /** `startMs`: the market time now; null follows the wall clock. */
  constructor(wall: () => number, startMs: number | null, speed: number) {
    this.wall = wall;
    this.speed = speed;
    this.anchorWallMs = wall();
    this.anchorMarketMs = startMs ?? this.anchorWallMs;
  }

  /** Epoch ms of market time, whole. */
  now(): number {
    const market = this.anchorMarketMs + (this.wall() - this.anchorWallMs) * this.speed;
    this.latestMs = Math.max(this.latestMs, Math.floor(market));
    return this.latestMs;
  }

  /** Never let the time fall below `atMs`: a restart goes on from what was already shown. */
  notBefore(atMs: number): void {
    this.latestMs = Math.max(this.latestMs, atMs);
  }

  /** Jumps forward. */
  advance(ms: number): void {
    this.anchorMarketMs += ms;
  }

  /** Wall milliseconds until a market time. */
  wallUntil(marketMs: number): number {
    return Math.max(0, (marketMs - this.now()) / this.speed);
  }
}
