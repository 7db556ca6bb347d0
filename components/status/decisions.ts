import type { RouterOutputs } from '@/components/trpc/types';
import type { Display } from './tone';

type Decision = RouterOutputs['policy']['decisions']['rows'][number]['decision'];

export const DECISION: Record<Decision, Display> = {
  APPROVE: { label: 'Allow', tone: 'pos', glyph: '✓', hint: 'Every rule passed' },
  REVIEW: { label: 'Review', tone: 'warn', glyph: '◇', hint: 'Needs approval by a person' },
  REJECT: { label: 'Reject', tone: 'danger', glyph: '✕', hint: 'A rule blocks it' },
};
