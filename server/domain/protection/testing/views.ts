import { parseUnits } from '@/server/kernel/money';
import type { ProtectedEntry, ProtectionView } from '../next-step';

/** An entry that brought 10 shares a second ago and states a stop at 95; nothing protects it yet. */
export const protectedEntry = (changes: Partial<ProtectedEntry> = {}): ProtectedEntry => ({
  id: 'e1',
  stopPrice: parseUnits('95'),
  filledQty: parseUnits('10'),
  stoppedQty: 0n,
  live: false,
  cancelRequested: false,
  firstFillAgoMs: 1_000,
  stops: [],
  failures: 0,
  lastFailure: null,
  ...changes,
});

/** That entry's shares are held in an open market with a bid of 100. */
export const protectionView = (changes: Partial<ProtectionView> = {}): ProtectionView => ({
  symbol: 'SPY',
  entries: [protectedEntry()],
  held: parseUnits('10'),
  closingQty: 0n,
  buying: false,
  exiting: false,
  mayPlace: true,
  marketOpen: true,
  bid: parseUnits('100'),
  ...changes,
});
