import type { RouterOutputs } from '@/components/trpc/types';
import type { Display } from './tone';

type ApprovalStatus = RouterOutputs['approvals']['list']['pending'][number]['status'];

export const APPROVAL_STATUS: Record<ApprovalStatus, Display> = {
  PENDING: { label: 'Waiting', tone: 'warn', glyph: '○', hint: 'Awaiting a decision' },
  APPROVED: { label: 'Approved', tone: 'pos', glyph: '✓', hint: 'Approved; the order was placed' },
  REDUCED: { label: 'Reduced', tone: 'pos', glyph: '✓', hint: 'Approved for less; the reduced order was placed' },
  REJECTED: { label: 'Rejected', tone: 'danger', glyph: '✕', hint: 'Rejected by a person' },
  EXPIRED: { label: 'Expired', tone: 'neutral', glyph: '◷', hint: 'Expired undecided; nothing was sent' },
  WITHDRAWN: { label: 'Withdrawn', tone: 'neutral', glyph: '⊘', hint: 'Withdrawn before a decision' },
};
