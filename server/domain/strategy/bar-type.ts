/** A bar in plain floats: what indicators and strategies see. `endMs` is when it is known. */
export interface StrategyBar {
  readonly symbol: string;
  readonly endMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}
