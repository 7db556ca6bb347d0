/** What a person must look at. One alert of a kind and subject is open at a time. */
export interface AlertStore {
  /**
   * Opens the alert, or brings the open one's message and data up to date.
   * @returns whether it is new
   */
  open(kind: string, subject: string, message: string, data?: Readonly<Record<string, unknown>>): Promise<boolean>;
  /** Closes the open alert of a kind and subject. @returns whether there was one */
  resolve(kind: string, subject: string): Promise<boolean>;
}
