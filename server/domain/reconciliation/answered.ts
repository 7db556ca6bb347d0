const ANSWERED: unique symbol = Symbol('answered');

/**
 * What a query that was answered said. Reconciliation takes nothing else: a query that failed has no value of this type, so
 * it cannot be read as "none" or "flat". Only the code that holds the answer makes one.
 */
export interface Answered<T> {
  readonly [ANSWERED]: true;
  readonly value: T;
}

export const answered = <T>(value: T): Answered<T> => ({ [ANSWERED]: true, value });
