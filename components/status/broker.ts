import type { Status } from '@/components/trpc/types';
import type { Tone } from './tone';

export type BrokerState = NonNullable<Status['broker']>['state'];

/** Words beside a glyph, as the top bar has room for them. */
export const BROKER_STATE: Record<BrokerState, Readonly<{ label: string; tone: Tone; glyph: string }>> = {
  OK: { label: 'ok', tone: 'pos', glyph: '●' },
  KEYS_REFUSED: { label: 'keys refused', tone: 'danger', glyph: '✕' },
  ACCOUNT_BLOCKED: { label: 'blocked', tone: 'danger', glyph: '✕' },
  FORBIDDEN: { label: 'forbidden', tone: 'danger', glyph: '✕' },
  RATE_LIMITED: { label: 'limited', tone: 'warn', glyph: '◌' },
  UNREACHABLE: { label: 'no answer', tone: 'danger', glyph: '✕' },
  UNREADABLE: { label: 'unreadable', tone: 'danger', glyph: '✕' },
  SILENT_STREAM: { label: 'silent', tone: 'warn', glyph: '◌' },
};
