/** A step taken at the broker without the database. */
export interface BreakGlassRecord {
  /** Of the whole act, UUID; its steps share it. */
  readonly id: string;
  /** SUSPENDING is written before the broker is asked to refuse new orders; LIFTED once it takes them again. */
  readonly phase: 'BEGUN' | 'SUSPENDING' | 'ENDED' | 'LIFTED';
  /** BREAK_GLASS: a person at the command line, trading is halted. DEAD_MAN: the watchdog, orders were cancelled. */
  readonly kind: 'BREAK_GLASS' | 'DEAD_MAN';
  readonly actor: string;
  readonly reason: string;
  /** ISO 8601, wall clock. */
  readonly at: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Where such steps are written while there may be no database: a file of the data folder. */
export interface BreakGlassJournal {
  /** Durable when it resolves. */
  append(record: BreakGlassRecord): Promise<void>;
  /** All that is readable, oldest first; empty when nothing was ever written. */
  read(): Promise<readonly BreakGlassRecord[]>;
}

/** The broker's own switch that refuses every new order of the account. Cancels are taken all the same. */
export interface TradingSuspension {
  /** @throws BrokerError */
  suspended(): Promise<boolean>;
  /** @throws BrokerError */
  suspend(value: boolean): Promise<void>;
}

export interface BreakGlassStore {
  /** Books a step: audit, and for a break-glass HALTED and an alert. @returns false when it is booked already */
  book(record: BreakGlassRecord): Promise<boolean>;
  /** Our suspensions at the broker that a release has made unnecessary; null while trading is not active. */
  suspensionsToLift(): Promise<readonly Pick<BreakGlassRecord, 'id' | 'kind' | 'actor' | 'reason'>[] | null>;
}
