import { expect, test } from 'vitest';
import type { SendFacts } from '@/server/application/ports/execution-store';
import { GOOD_FACTS } from '@/server/application/testing/fakes';
import { judgeSend } from './judge-send';

const judge = (changes: Partial<SendFacts>) => judgeSend({ ...GOOD_FACTS, ...changes }).kind;

test.each<[string, Partial<SendFacts>, string]>([
  ['all is well', {}, 'go'],
  ['a cancel was asked for', { cancelRequested: true }, 'never'],
  ['halted', { tradingState: 'HALTED' }, 'never'],
  ['halted, closing a position', { tradingState: 'HALTED', positionEffect: 'REDUCE' }, 'never'],
  ['halted, a flatten', { tradingState: 'HALTED', kind: 'FLATTEN', exitOpen: true }, 'go'],
  ['reducing, opening', { tradingState: 'REDUCING' }, 'never'],
  ['reducing, closing', { tradingState: 'REDUCING', positionEffect: 'REDUCE' }, 'go'],
  ['expired', { expired: true }, 'never'],
  [
    'a flatten passes over breaks, clock and reconciliation',
    { kind: 'FLATTEN', exitOpen: true, breakOpen: true, clockAgeMs: null, reconciledAgeMs: null, marketOpen: false },
    'go',
  ],
  ['a flatten whose exit has ended', { kind: 'FLATTEN' }, 'never'],
  ['a flatten that was not sent in time', { kind: 'FLATTEN', exitOpen: true, expired: true }, 'never'],
  ['another order of a symbol with an open exit', { exitOpen: true }, 'never'],
  ['a break', { breakOpen: true }, 'never'],
  ['another order of the symbol is uncertain', { symbolUncertain: true }, 'wait'],
  ['the clock was read 10 s ago', { clockAgeMs: 10_000 }, 'go'],
  ['the clock was read longer ago', { clockAgeMs: 10_001 }, 'wait'],
  ["reconciled within the policy's limit", { reconciledAgeMs: 5_000, portfolioMaxAgeMs: 5_000 }, 'go'],
  ["reconciled longer ago than the policy's limit", { reconciledAgeMs: 5_001, portfolioMaxAgeMs: 5_000 }, 'wait'],
  ['no reconciliation yet', { reconciledAgeMs: null }, 'wait'],
  ['the stage has changed to one that forbids this venue', { stage: 'M3_LIVE_SMALL' }, 'never'],
  ['a live venue, and the stage is live no more', { stage: 'M1_PAPER', environment: 'LIVE' }, 'never'],
  ['a live venue in its stage', { stage: 'M3_LIVE_SMALL', environment: 'LIVE' }, 'go'],
  ['an unknown stage', { stage: 'none' }, 'never'],
  [
    'a flatten at a venue that the stage forbids by now',
    { kind: 'FLATTEN', exitOpen: true, stage: 'M3_LIVE_SMALL' },
    'go',
  ],
  ['market closed', { marketOpen: false }, 'never'],
])('%s', (_name, facts, verdict) => {
  expect(judge(facts)).toBe(verdict);
});
