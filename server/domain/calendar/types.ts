/** A regular trading session; the market is open on [openMs, closeMs). */
export interface Session {
  /** New York date, `YYYY-MM-DD`. */
  readonly date: string;
  /** Epoch ms. */
  readonly openMs: number;
  readonly closeMs: number;
  readonly earlyClose: boolean;
  /** The market opened after 9:30, unscheduled. */
  readonly lateOpen: boolean;
}
