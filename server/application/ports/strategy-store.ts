import type { SettingRow } from '@/server/domain/strategy/settings';

/** A row with who wrote it. */
export interface StrategyRow extends SettingRow {
  readonly version: number;
  /** ISO 8601. */
  readonly updatedAt: string;
  readonly updatedBy: string;
}

export interface StrategyChange extends SettingRow {
  /** The version that is there: 0 for none; null: whatever is there. */
  readonly expected: number | null;
  readonly actor: string;
  readonly correlationId: string;
}

/** Which strategy runs on which symbol. */
export interface StrategyStore {
  rows(): Promise<readonly StrategyRow[]>;
  /** Symbols that policy allows or the account holds. */
  symbols(): Promise<readonly string[]>;
  /** Writes the row with its audit entry. @returns null when another version is there */
  set(change: StrategyChange): Promise<StrategyRow | null>;
}
