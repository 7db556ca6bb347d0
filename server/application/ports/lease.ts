/** The right to act alone in a role. A newer holder has a higher token; writes carry it and a superseded holder's are refused. */
export interface Fence {
  readonly name: string;
  readonly token: string;
}

export interface LeaseStore {
  /** Takes a free or expired lease, or null while somebody else holds it. */
  acquire(name: string, holder: string, ttlMs: number): Promise<Fence | null>;
  /** @returns false when the lease was lost */
  renew(fence: Fence, ttlMs: number): Promise<boolean>;
  /** Lets go at once, so that a successor need not wait for the expiry. */
  release(fence: Fence): Promise<void>;
}

/** Thrown by a write whose lease has meanwhile gone to another holder: stop acting at once. */
export class SupersededError extends Error {
  override readonly name = 'SupersededError';
}
