export type CheckResult = 'ok' | 'failed' | 'skipped';

export interface CheckLine {
  readonly name: 'venue' | 'keys' | 'account' | 'clock' | 'stream' | 'market data' | 'order' | 'rate limit';
  readonly result: CheckResult;
  /** What was found; nothing secret. */
  readonly detail: string;
  /** What a person should do; empty when there is nothing. */
  readonly todo: string;
}
