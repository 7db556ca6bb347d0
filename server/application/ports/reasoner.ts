/** One question to a model. */
export interface ReasonerRequest {
  readonly system: string;
  /** Turns, alternating, the first and the last the user's. */
  readonly messages: readonly { readonly role: 'user' | 'assistant'; readonly text: string }[];
  readonly maxOutputTokens: number;
  /** Aborts the call and closes its connection. */
  readonly signal: AbortSignal;
}

/** Tokens as the provider counted them; null where it does not say. */
export interface ReasonerUsage {
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
}

export interface ReasonerAnswer extends ReasonerUsage {
  readonly text: string;
}

export type ReasonerFaultKind =
  /** The key is refused. */
  | 'KEY'
  /** There is no such model. */
  | 'MODEL'
  | 'UNREACHABLE'
  | 'RATE_LIMITED'
  /** The provider answered 5xx, or broke off. */
  | 'PROVIDER'
  /** The model would not answer. */
  | 'REFUSED'
  /** The answer was cut off at the output limit. */
  | 'TOO_LONG'
  | 'TIMEOUT'
  /** Our own process stops. */
  | 'STOPPED';

/** A call that gave no answer; the message is for people and holds no secret. */
export class ReasonerError extends Error {
  override readonly name = 'ReasonerError';

  /**
   * @param retryAfterMs how long the provider asked to be left alone; null where it did not say
   * @param usage what the provider reported for the call all the same; null where it reported nothing
   */
  constructor(
    readonly kind: ReasonerFaultKind,
    message: string,
    readonly retryAfterMs: number | null = null,
    readonly usage: ReasonerUsage | null = null,
  ) {
    super(message);
  }
}

/** Whoever writes memos. It is told everything it needs and can do nothing else: no tools. */
export interface Reasoner {
  /** For people and for the record: `anthropic`, `openai-compatible`, `rules`. */
  readonly provider: string;
  readonly model: string;
  readonly parameters: Readonly<Record<string, number | string>>;
  /** No model is asked and nothing leaves the process: no tokens, no costs, no queue. */
  readonly local: boolean;
  /** Loads what counting needs, once. Counting before it has resolved is a defect. */
  prepare(): Promise<void>;
  /** @throws ReasonerError */
  ask(request: ReasonerRequest): Promise<ReasonerAnswer>;
  /** Tokens of a text as the model counts, or more. */
  countTokens(text: string): number;
  /** Tokens that come on top of the texts, or more: of every call, and of every message in it (the system's as well). */
  readonly overhead: { readonly call: number; readonly message: number };
  /** Ends its connections. */
  close(): Promise<void>;
}
