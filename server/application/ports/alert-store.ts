import type { AlertCode } from '@/server/contracts/alerts';
import type { Actor } from '@/server/kernel/actor';

/** The state that an alert shall have: open with these words and figures, or resolved. */
export interface AlertChange {
  readonly kind: AlertCode;
  readonly subject: string;
  /** Null resolves the alert. */
  readonly open: { readonly message: string; readonly data: Readonly<Record<string, unknown>> } | null;
}

/** What became of a person's acknowledgement. */
export type Acknowledgement = 'ACKNOWLEDGED' | 'ALREADY' | 'NOT_FOUND';

/** Where a person states that they have seen an alert. */
export interface AlertAcknowledgements {
  /** Audited. The first acknowledgement stays. */
  acknowledge(actor: Actor, alertId: string): Promise<Acknowledgement>;
}

/** Conditions that need a person's attention. At most one alert per kind and subject is open at a time. */
export interface AlertStore {
  /**
   * Opens the alert, or updates the message and data of the open one.
   * @returns whether it is new
   */
  open(kind: AlertCode, subject: string, message: string, data?: Readonly<Record<string, unknown>>): Promise<boolean>;
  /** Resolves the open alert of a kind and subject. @returns whether there was one */
  resolve(kind: AlertCode, subject: string): Promise<boolean>;
}
