/** What one reconciliation round took. */
export interface RoundFigures {
  readonly ok: boolean;
  readonly ms: number;
  /** SQL statements, BEGIN and COMMIT among them. */
  readonly statements: number;
  /** Requests to the broker. */
  readonly requests: number;
  /** Open orders at the broker; null for a round that failed before it knew. */
  readonly openOrders: number | null;
  /** Of the time, waiting for the broker's rate limit. */
  readonly waitedMs: number;
  /** From this round's beginning to the next's. */
  readonly everyMs: number;
}

export interface RoundStore {
  saveRound(round: RoundFigures): Promise<void>;
}
