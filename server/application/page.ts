/** A page of a list, newest first. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Where the next page begins; null on the last. */
  readonly nextCursor: string | null;
}

/** Thrown by a list for a cursor that it did not give out. */
export class CursorError extends Error {
  override readonly name = 'CursorError';
}
