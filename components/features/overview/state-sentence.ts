import type { BannerName } from '@/components/shell/banner-names';
import type { Tone } from '@/components/status/tone';

export interface StateSentence {
  readonly headline: string;
  readonly tone: Extract<Tone, 'pos' | 'warn' | 'danger'>;
  /** What a person has to do, and what is under way. */
  readonly detail: string;
}

const HEADLINES: Readonly<Record<BannerName, Omit<StateSentence, 'detail'>>> = {
  'CONSOLE CUT OFF': { headline: 'This page receives no updates.', tone: 'danger' },
  HALTED: { headline: 'Trading is halted.', tone: 'danger' },
  REDUCING: { headline: 'Trading only reduces positions.', tone: 'warn' },
  'WORKER DOWN': { headline: 'Nothing is sent: no worker is running.', tone: 'danger' },
  BROKER: { headline: 'The connection to the broker is impaired.', tone: 'danger' },
  'UNPROTECTED POSITION': { headline: 'A position has no working stop.', tone: 'danger' },
  'OPENING BALANCES': { headline: 'Nothing trades until the opening balances are signed.', tone: 'warn' },
  'RECONCILIATION BREAK': { headline: 'Our books and the broker’s differ.', tone: 'warn' },
  'STALE DATA': { headline: 'Market data is too old to trade on.', tone: 'warn' },
  'NO ANSWER': { headline: 'The server does not answer.', tone: 'danger' },
};

const count = (n: number, noun: string) => `${n === 0 ? 'no' : n} ${noun}${n === 1 ? '' : 's'}`;

/** The state in one sentence: the worst condition, or that all is well. */
export function stateSentence(
  conditions: readonly BannerName[],
  waiting: number,
  openOrders: number,
  marketOpen: boolean,
): StateSentence {
  const [worst, ...others] = conditions;
  const parts = [
    ...(others.length === 0 ? [] : [`${count(others.length, 'more condition')}: see the banners above`]),
    waiting === 0 ? 'nothing waits for your approval' : `${count(waiting, 'request')} for your approval`,
    `${count(openOrders, 'open order')}`,
  ];
  const text = parts.join(', ');
  const detail = `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  if (worst !== undefined) return { ...HEADLINES[worst], detail };
  const headline = marketOpen
    ? 'Trading is active, and everything runs normally.'
    : 'The market is closed, and everything runs normally.';
  return { headline, tone: 'pos', detail };
}
