import type { Actor } from '@/server/kernel/actor';
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

/** An access, or a refused one, for the audit log (U-4). */
export interface AccessRecord {
  /** The person's e-mail; `anonymous` before anyone is known. */
  readonly actor: string;
  readonly action:
    | 'access.sign_in'
    | 'access.sign_in.refused'
    | 'access.sign_in.throttled'
    | 'access.sign_out'
    | 'access.session.ended';
  readonly target: string;
  readonly from: AccessSource;
}

/** Where a request came from, as the request itself says. */
export interface AccessSource {
  readonly address: string;
  readonly agent: string;
}

/** A session as it is checked: not ended, with its user. */
export interface OpenSession {
  readonly user: UserRecord;
  /** Epoch ms, to the minute. */
  readonly seenAtMs: number;
}

/** A session as its owner sees it. */
export interface SessionRecord extends AccessSource {
  readonly id: string;
  readonly createdAt: Date;
  readonly seenAt: Date;
}

/** People who may sign in, their sessions, and the record of attempts that throttles them. */
export interface AccessStore {
  userByEmail(email: string): Promise<UserRecord | null>;
  userById(id: string): Promise<UserRecord | null>;
  /** @returns the id of the new session */
  startSession(userId: string, from: AccessSource): Promise<string>;
  /** Null for a session that has ended, or never was. */
  openSession(id: string): Promise<OpenSession | null>;
  /** It is in use now. */
  seeSession(id: string): Promise<void>;
  /** Stores a person's own new password and ends every session of theirs. Audited. @returns false for an unknown or disabled person */
  changePassword(actor: Actor, passwordHash: string): Promise<boolean>;
  /** Sessions that have not ended and were seen since, newest first. */
  sessionsOf(userId: string, seenSince: Date): Promise<readonly SessionRecord[]>;
  /** Ends sessions of a user: this one, or all but this one. @returns how many */
  endSessions(
    userId: string,
    which: { readonly only: string } | { readonly except: string },
    by: string,
  ): Promise<number>;
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
  /** Appends to the audit log. */
  record(access: AccessRecord): Promise<void>;
}
