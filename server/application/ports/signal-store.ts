/** A candidate as stored: by then it is known to be new. */
export interface NewSignal {
  readonly id: string;
  readonly eventId: string;
  readonly strategy: string;
  readonly modelVersion: string;
  readonly symbol: string;
  readonly action: string;
  readonly confidence: number;
  readonly sizePct: number;
  readonly principalId: string;
  readonly atMs: number;
  readonly expiresAtMs: number;
}

/** Signals that clients ask for. */
export interface SignalStore {
  /** Wall and market time, epoch ms; null when the symbol has no market data. */
  market(symbol: string): Promise<{ readonly nowMs: number; readonly marketMs: number } | null>;
  /** Stores the signal and its event in one transaction; a second time under the same id changes nothing. */
  store(signal: NewSignal): Promise<void>;
}
