import type { FeatureSnapshot } from '@/server/domain/features/feature-snapshot';
import type { Side, SignalOutcome, SignalSource } from '@/server/kernel/vocabulary';

/** A candidate that is to go to the gate. */
export interface ProposedSignal {
  readonly id: string;
  readonly source: SignalSource;
  /** Name of the strategy, or of the client. */
  readonly strategy: string;
  readonly modelVersion: string;
  readonly symbol: string;
  readonly action: Side;
  readonly confidence: number;
  readonly sizePct: number;
  readonly stopDistancePct: number | null;
  readonly principalId: string;
  /** What it arose from; null: the newest that is stored of the symbol. */
  readonly features: FeatureSnapshot | null;
  /** Market time, epoch ms; null: the market's now. What is late already has that much less time left. */
  readonly atMs: number | null;
  /** How long it may become an order, ms. */
  readonly ttlMs: number;
  /** Of the body that a client sent. */
  readonly requestHash: string | null;
}

/** A stored candidate that this process has claimed. */
export interface SignalTask {
  readonly signalId: string;
  readonly source: string;
  readonly strategy: string;
  readonly symbol: string;
  readonly action: Side;
  readonly confidence: number;
  readonly sizePct: number;
  readonly principalId: string;
  readonly features: FeatureSnapshot | null;
  /** Market time, epoch ms. */
  readonly atMs: number;
  /** It was too late already when it was claimed. */
  readonly expired: boolean;
  /** No earlier candidate of the symbol was queued when it was claimed. */
  readonly first: boolean;
}

export interface Claimant {
  readonly holder: string;
  /** How long the claim holds unless it is renewed, ms, by the database's clock. */
  readonly claimMs: number;
}

/** Candidates on their way to the gate, for any process to finish. */
export interface SignalTasks {
  /**
   * Stores the signal, its task and its event in one transaction, claimed by `claimant` if one is given.
   * @param awaitsMemo a memo is to be asked for: until there is one the signal counts as one whose memo failed, whichever client orders it
   * @returns null when a signal of that id is there already: nothing was changed then
   */
  propose(signal: ProposedSignal, claimant: Claimant | null, awaitsMemo: boolean): Promise<SignalTask | null>;
  /** STRATEGY or REST; null when there is no signal of that id. */
  source(signalId: string): Promise<string | null>;
  /** How many candidates of a client from outside are queued. */
  queuedFrom(principalId: string): Promise<number>;
  /** What the body of the client that sent it hashed to; null when it was not sent so, or is not there. */
  requestHash(signalId: string): Promise<string | null>;
  /** Claims the oldest tasks that nobody holds. */
  claim(claimant: Claimant, limit: number): Promise<readonly SignalTask[]>;
  /** @returns those of the ids that are still held, now for `claimMs` more */
  renew(claimant: Claimant, signalIds: readonly string[]): Promise<readonly string[]>;
  /** Whether no earlier candidate of its symbol is queued, and whether it is too late by now. */
  look(signalId: string): Promise<{ readonly first: boolean; readonly expired: boolean }>;
  /** Gives the claim back: the next sweep takes the task. */
  release(holder: string, signalId: string): Promise<void>;
  /** Ends the task, even one that another process holds: the outcome is a fact. An end that is there already stays. */
  finish(signalId: string, outcome: SignalOutcome, detail: string | null): Promise<void>;
}
