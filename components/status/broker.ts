import type { Status } from '@/components/trpc/types';
import type { Tone } from './tone';

type BrokerState = NonNullable<Status['broker']>['state'];

interface BrokerLook {
  /** Beside the glyph, in the top bar. */
  readonly label: string;
  readonly tone: Tone;
  readonly glyph: string;
  /** What it means for trading. */
  readonly effect: string;
  /** What a person does about it, where the worker gave no words of its own. */
  readonly remedy: string;
}

export const BROKER_STATE: Record<BrokerState, BrokerLook> = {
  OK: { label: 'ok', tone: 'pos', glyph: '●', effect: 'The broker answers.', remedy: '' },
  KEYS_REFUSED: {
    label: 'keys refused',
    tone: 'danger',
    glyph: '✕',
    effect: 'Nothing is sent, cancelled or reconciled.',
    remedy: 'Check BROKER_KEY_ID and BROKER_SECRET_KEY, then restart the worker.',
  },
  ACCOUNT_BLOCKED: {
    label: 'blocked',
    tone: 'danger',
    glyph: '✕',
    effect: 'Nothing is placed.',
    remedy: 'The broker has blocked the account: have it lifted there.',
  },
  FORBIDDEN: {
    label: 'forbidden',
    tone: 'danger',
    glyph: '✕',
    effect: 'The broker forbids some of what is asked.',
    remedy: "Check the keys' permissions and the account's at the broker.",
  },
  RATE_LIMITED: {
    label: 'limited',
    tone: 'warn',
    glyph: '◌',
    effect: 'Requests wait; rounds take longer.',
    remedy: 'It ends by itself. See what else uses the same keys.',
  },
  UNREACHABLE: {
    label: 'no answer',
    tone: 'danger',
    glyph: '✕',
    effect: 'Nothing is sent; orders under way are looked up once it answers.',
    remedy: "Check the network and the broker's status page; if need be, halt directly at the broker.",
  },
  UNREADABLE: {
    label: 'unreadable',
    tone: 'danger',
    glyph: '✕',
    effect: 'What the broker answers cannot be read, and nothing is concluded from it.',
    remedy: 'Check BROKER_URL and what stands between.',
  },
  SILENT_STREAM: {
    label: 'silent',
    tone: 'warn',
    glyph: '◌',
    effect: 'Fills come by polling, later than usual.',
    remedy: 'The stream is connected anew by itself.',
  },
};
