/** A kill drill that is not finished. */
export interface OpenDrill {
  readonly id: string;
  readonly requestedBy: string;
  /** Account of the person who started it; null when it was not started in the console. */
  readonly principalId: string | null;
  readonly correlationId: string | null;
  /** Since it was asked for, by the database's clock. */
  readonly ageMs: number;
  readonly symbol: string;
  readonly orders: number;
  readonly status: 'REQUESTED' | 'PLACING' | 'HALTING';
}

export interface DrillCounts {
  /** Never sent, or sent without an answer yet. */
  readonly unanswered: number;
  readonly working: number;
  readonly filled: number;
  readonly cancelled: number;
  /** Refused by the broker or expired. */
  readonly other: number;
}

/** What a drill's halt did, by the database; market times are the broker's. */
export interface DrillHalt {
  readonly requestedAt: string;
  readonly acknowledgedMs: number | null;
  readonly verifiedMs: number | null;
  readonly acknowledgedMarketMs: number | null;
  readonly verifiedMarketMs: number | null;
  readonly progress: Readonly<Record<string, unknown>>;
  /** Orders, no flattens and no protective stops, that the broker took in more than the tolerance after the acknowledgement. */
  readonly takenAfter: readonly string[];
  /** The broker's ids of what a halt lets work, since the halt: flattens and protective stops. */
  readonly surviving: readonly string[];
}

export interface DrillResult {
  readonly passed: boolean;
  readonly fault: string | null;
  readonly working: number | null;
  readonly acknowledgedMs: number | null;
  readonly verifiedMs: number | null;
  readonly cancelled: number | null;
  readonly filled: number | null;
  readonly fillsAfterHalt: number | null;
  readonly report: Readonly<Record<string, unknown>>;
}

export interface NewDrill {
  readonly id: string;
  readonly actor: string;
  readonly principalId: string | null;
  /** Null: any allowed symbol with a quote. */
  readonly symbol: string | null;
  readonly orders: number;
  readonly correlationId: string;
}

/** Kill drills: asked for by a person, carried out by the worker, stored with what was measured. */
export interface DrillStore {
  /** @returns why not, in words; null when it waits for the worker now */
  request(drill: NewDrill): Promise<string | null>;
  /** The drill that is not finished; one at a time. */
  open(): Promise<OpenDrill | null>;
  /** @returns false when somebody else has taken it up */
  begin(id: string): Promise<boolean>;
  halting(id: string, haltId: string, working: number): Promise<void>;
  finish(id: string, result: DrillResult): Promise<void>;
  /** Of the drill that runs: its orders placed since it began. */
  counts(id: string): Promise<DrillCounts>;
  /** Orders of drills that may still work. */
  liveOrders(): Promise<readonly string[]>;
  halt(haltId: string, toleranceMs: number): Promise<DrillHalt | null>;
  /** Whether the rollout stage wants a person for every opening trade. */
  wantsApproval(): Promise<boolean>;
  /** Whether the account may countersign. */
  mayApprove(principalId: string): Promise<boolean>;
  /** What a countersignature of the approval must carry; null when there is no such approval. */
  shownHash(approvalId: string): Promise<string | null>;
}
