/** Why a command was refused. Each edge maps the codes once, to HTTP or tRPC. */
export type RefusalCode =
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'EXPIRED'
  | 'POLICY'
  | 'SHOWN_HASH_CHANGED'
  | 'PRICE_MOVED'
  | 'ALREADY_DECIDED'
  | 'NOT_CANCELLABLE'
  | 'PROTECTIVE_STOP'
  | 'NOT_CLEAN'
  | 'OWN_REQUEST'
  | 'STEP_UP_NEEDED'
  | 'INVALID'
  | 'UNAVAILABLE';

/** A command that was understood and refused. */
export interface Refusal {
  readonly ok: false;
  readonly code: RefusalCode;
  /** For people. */
  readonly message: string;
  /** The rules of policy that refused, where the code is POLICY. */
  readonly reasons?: readonly RefusalReason[];
  /** What is wrong with which input, by dotted path, where the code is INVALID. */
  readonly fields?: readonly { readonly field: string; readonly message: string }[];
}

/** A rule that was hit, as text. */
export interface RefusalReason {
  readonly code: string;
  readonly tier: string;
  readonly observed: string;
  readonly threshold: string;
  readonly message: string;
}

/** What a command returns: its result, or why it was refused. Faults are thrown, refusals are returned. */
export type Outcome<T> = ({ readonly ok: true } & T) | Refusal;

/** Makes a refusal. */
export function refuse(code: RefusalCode, message: string, details: Pick<Refusal, 'reasons' | 'fields'> = {}): Refusal {
  return { ok: false, code, message, ...details };
}
