import type { BotSettings } from '@/server/contracts/bots';
import type { Role } from '@/server/kernel/vocabulary';

/** A row of api_tokens with the role of its user. */
export interface StoredToken {
  readonly id: string;
  readonly name: string;
  readonly userId: string;
  readonly userRole: Role;
  readonly userDisabled: boolean;
  readonly scopes: readonly string[];
  /** What its orders are judged by at the gateway. */
  readonly bot: BotSettings;
  readonly expiresAtMs: number | null;
  readonly revoked: boolean;
}

export interface TokenStore {
  /** Looks a token up by the SHA-256 of its text; null when there is none. */
  findByHash(tokenHash: string): Promise<StoredToken | null>;
  /** Notes that a token was used, at most once a minute. */
  touch(tokenId: string): Promise<void>;
}
