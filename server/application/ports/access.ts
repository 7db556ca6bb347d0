import type { Role } from '@/server/kernel/vocabulary';
export interface UserRecord {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly passwordHash: string;
  /** Raised to end every session of the user. */
  readonly sessionVersion: number;
  readonly disabled: boolean;
}

/** People who may sign in, and the record of attempts that throttles them. */
export interface AccessStore {
  userByEmail(email: string): Promise<UserRecord | null>;
  userById(id: string): Promise<UserRecord | null>;
  /**
   * Records an attempt as failed before the password is looked at, so that attempts made at once count each other.
   * `bucket` says whose attempts count together. Answers with its id and the bucket's failures in the window since
   * the last success, this one included.
   */
  beginAttempt(bucket: string, windowSeconds: number): Promise<{ id: string; failures: number }>;
  /** The attempt proved right. */
  succeedAttempt(id: string): Promise<void>;
  /** An attempt refused unlooked-at does not prolong the wait. */
  dropAttempt(id: string): Promise<void>;
}
