import type { Status } from '@/components/trpc/types';
import type { Tone } from './tone';

export type BrokerState = NonNullable<Status['broker']>['state'];

/** Short labels that fit the top bar. */
export const BROKER_STATE: Record<BrokerState, Readonly<{ label: string; tone: Tone; glyph: string }>> = {
  OK: { label: 'ok', tone: 'pos', glyph: '●' },
  KEYS_REFUSED: { label: 'keys rejected', tone: 'danger', glyph: '✕' },
  ACCOUNT_BLOCKED: { label: 'blocked', tone: 'danger', glyph: '✕' },
  FORBIDDEN: { label: 'forbidden', tone: 'danger', glyph: '✕' },
  RATE_LIMITED: { label: 'limited', tone: 'warn', glyph: '◌' },
  UNREACHABLE: { label: 'no answer', tone: 'danger', glyph: '✕' },
  UNREADABLE: { label: 'unreadable', tone: 'danger', glyph: '✕' },
  SILENT_STREAM: { label: 'silent', tone: 'warn', glyph: '◌' },
};

interface BrokerWords {
  /** The effect on trading; empty where the worker's detail states it. */
  readonly effect: string;
  /** What to do, where the worker stated no detail. */
  readonly remedy: string;
}

export const BROKER_WORDS: Record<BrokerState, BrokerWords> = {
  OK: { effect: 'The broker responds.', remedy: '' },
  KEYS_REFUSED: {
    effect: 'Nothing is sent, cancelled or reconciled.',
    remedy: 'Check BROKER_KEY_ID and BROKER_SECRET_KEY, then restart the worker.',
  },
  ACCOUNT_BLOCKED: {
    effect: '',
    remedy: 'No orders are placed: the broker blocked the account. Ask the broker to unblock it.',
  },
  FORBIDDEN: {
    effect: '',
    remedy: 'The broker forbids some requests. Check the permissions of the keys and of the account there.',
  },
  RATE_LIMITED: {
    effect: 'Reconciliation takes longer.',
    remedy: 'Requests wait until the limit allows them. Check what else uses the same keys.',
  },
  UNREACHABLE: {
    effect: 'Nothing is sent. Unconfirmed orders are looked up once the broker responds.',
    remedy: "Check the network and the broker's status page. If necessary, halt directly at the broker.",
  },
  UNREADABLE: {
    effect: 'Its answers are ignored.',
    remedy: 'Its answers cannot be read. Check BROKER_URL and any proxy in between.',
  },
  SILENT_STREAM: {
    effect: 'Fills arrive later than usual.',
    remedy: 'Fills are polled until the stream reconnects.',
  },
};

/** The worker's detail as a sentence, or the general advice. */
export function remedyText(state: BrokerState, detail: string): string {
  if (detail === '') return BROKER_WORDS[state].remedy;
  return `${detail.charAt(0).toUpperCase()}${detail.slice(1)}${/[.!?]$/.test(detail) ? '' : '.'}`;
}
