import type { Status } from '@/components/trpc/types';

/** The banners, in their order. */
export type BannerName =
  | 'CONSOLE CUT OFF'
  | 'HALTED'
  | 'REDUCING'
  | 'WORKER DOWN'
  | 'BROKER'
  | 'UNPROTECTED POSITION'
  | 'OPENING BALANCES'
  | 'RECONCILIATION BREAK'
  | 'STALE DATA'
  | 'NO ANSWER';

/** True when the market is open and its newest quote is missing or too old for policy. */
function isStale(status: Status, dataAgeSeconds: number | null): boolean {
  if (status.market === null || !status.market.isOpen) return false;
  return dataAgeSeconds === null || dataAgeSeconds > status.maxDataAgeSeconds;
}

export interface BannerFacts {
  readonly status: Status;
  /** Market seconds; null without a quote. */
  readonly dataAgeSeconds: number | null;
  /** Of the last status read. */
  readonly error: unknown;
  /** This page has had no updates for a while. */
  readonly cutOff: boolean;
}

/** The banners to show now. */
export function bannersOf({ status, dataAgeSeconds, error, cutOff }: BannerFacts): readonly BannerName[] {
  const here: readonly (readonly [BannerName, boolean])[] = [
    ['CONSOLE CUT OFF', cutOff],
    ['HALTED', status.trading.state === 'HALTED'],
    ['REDUCING', status.trading.state === 'REDUCING'],
    ['WORKER DOWN', status.workers.alive === 0],
    ['BROKER', status.broker !== null && status.broker.state !== 'OK'],
    ['UNPROTECTED POSITION', status.unprotected.length > 0],
    ['OPENING BALANCES', status.openings > 0],
    ['RECONCILIATION BREAK', status.openBreaks > 0],
    ['STALE DATA', isStale(status, dataAgeSeconds)],
    ['NO ANSWER', error !== null && !cutOff],
  ];
  return here.filter(([, shown]) => shown).map(([name]) => name);
}
