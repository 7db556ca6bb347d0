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
  /** The provider answered 5xx or closed the connection. */
  | 'PROVIDER'
  /** The model declined to answer. */
  | 'REFUSED'
  /** The answer was cut off at the output limit. */
  | 'TOO_LONG'
  | 'TIMEOUT'
  /** The process is stopping. */
  | 'STOPPED';

/** A failed call. The message is for people and contains no secrets. */
export class ReasonerError extends Error {
  override readonly name = 'ReasonerError';

  /**
   * @param retryAfterMs the provider's Retry-After; null where it sent none
   * @param usage tokens that the provider reported for the failed call; null where it reported none
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

/** Writes memos. It gets all data in the request and has no tools. */
export interface Reasoner {
  /** For people and for the record: `anthropic`, `openai-compatible`, `rules`. */
  readonly provider: string;
  readonly model: string;
  readonly parameters: Readonly<Record<string, number | string>>;
  /** Whether memos are written within the process, without a model, tokens, costs or a queue. */
  readonly local: boolean;
  /** Loads the tokenizer, once. Call it before counting. */
  prepare(): Promise<void>;
  /** @throws ReasonerError */
  ask(request: ReasonerRequest): Promise<ReasonerAnswer>;
  /** Upper bound of the model's token count for a text. */
  countTokens(text: string): number;
  /** Upper bound of the tokens added to the texts: per call, and per message (the system message included). */
  readonly overhead: { readonly call: number; readonly message: number };
  /** Ends its connections. */
  close(): Promise<void>;
}
