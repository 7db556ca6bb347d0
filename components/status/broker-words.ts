import type { BrokerState } from './broker';

interface BrokerWords {
  /** What it means for trading; empty where the worker's words, and the remedy, say it. */
  readonly effect: string;
  /** What a person does about it, where the worker gave no words of its own. */
  readonly remedy: string;
}

export const BROKER_WORDS: Record<BrokerState, BrokerWords> = {
  OK: { effect: 'The broker answers.', remedy: '' },
  KEYS_REFUSED: {
    effect: 'Nothing is sent, cancelled or reconciled.',
    remedy: 'Check BROKER_KEY_ID and BROKER_SECRET_KEY, then restart the worker.',
  },
  ACCOUNT_BLOCKED: {
    effect: '',
    remedy: 'Nothing is placed: the broker has blocked the account. Have it lifted there.',
  },
  FORBIDDEN: {
    effect: '',
    remedy: "The broker forbids some of what is asked: check the keys' permissions and the account's there.",
  },
  RATE_LIMITED: {
    effect: 'Rounds take longer.',
    remedy: 'Requests wait, and it ends by itself. See what else uses the same keys.',
  },
  UNREACHABLE: {
    effect: 'Nothing is sent; orders under way are looked up once it answers.',
    remedy: "Check the network and the broker's status page; if need be, halt directly at the broker.",
  },
  UNREADABLE: {
    effect: 'Nothing is concluded from its answers.',
    remedy: 'They cannot be read: check BROKER_URL and what stands between.',
  },
  SILENT_STREAM: {
    effect: 'Fills come later than usual.',
    remedy: 'They are read by polling; the stream is connected anew by itself.',
  },
};

/** The worker's words as a sentence, or what to do in general. */
export function remedyText(state: BrokerState, detail: string): string {
  if (detail === '') return BROKER_WORDS[state].remedy;
  return `${detail.charAt(0).toUpperCase()}${detail.slice(1)}${/[.!?]$/.test(detail) ? '' : '.'}`;
}
