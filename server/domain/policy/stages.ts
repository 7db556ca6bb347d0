import { ONE_MONEY } from '@/server/kernel/money';
import type { RolloutStage } from '@/server/kernel/vocabulary';
import type { StageRules } from './types';

const MINUTE_MS = 60_000;

const UNLIMITED = {
  maxSymbols: null,
  noOpeningBeforeCloseMs: null,
  flatBeforeCloseMs: null,
  manualApproval: false,
  maxTradeNotional: null,
  maxDailyLoss: null,
  latchesNeedRelease: false,
  fractional: false,
} as const;

const SANDBOX = {
  ...UNLIMITED,
  manualApproval: true,
  maxTradeNotional: 100n * ONE_MONEY,
  latchesNeedRelease: true,
  fractional: true,
} as const;

/** What each rollout stage enforces. */
export const STAGES: Readonly<Record<RolloutStage, StageRules>> = {
  M0_LOCAL: { ...UNLIMITED, stage: 'M0_LOCAL' },
  M1_PAPER: {
    ...UNLIMITED,
    stage: 'M1_PAPER',
    maxSymbols: 5,
    noOpeningBeforeCloseMs: 15 * MINUTE_MS,
    flatBeforeCloseMs: 5 * MINUTE_MS,
  },
  M2_SANDBOX: { ...SANDBOX, stage: 'M2_SANDBOX' },
  M3_LIVE_SMALL: { ...SANDBOX, stage: 'M3_LIVE_SMALL', maxDailyLoss: 50n * ONE_MONEY },
};
