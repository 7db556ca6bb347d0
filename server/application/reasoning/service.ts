import type { ReasoningAnswer, ReasoningState } from './answer';
import type { ReasonQuestion } from './reason';

/** The one way to a memo: within 15 s, within the budget, never throwing. */
export interface ReasoningService {
  /** The signal's id is part of the answer alone: two signals with the same data share a memo for a while. */
  answer(question: ReasonQuestion): Promise<ReasoningAnswer>;
  state(): ReasoningState;
  /** Waits for what is still to be booked, and ends the provider's connections. */
  close(): Promise<void>;
}
