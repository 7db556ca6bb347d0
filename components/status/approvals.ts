import type { RouterOutputs } from '@/components/trpc/types';
import type { Display } from './tone';

type ApprovalStatus = RouterOutputs['approvals']['list']['pending'][number]['status'];

export const APPROVAL_STATUS: Record<ApprovalStatus, Display> = {
  PENDING: { label: 'Waiting', tone: 'warn', glyph: '○', hint: 'Waits for a person' },
  APPROVED: { label: 'Approved', tone: 'pos', glyph: '✓', hint: 'Countersigned and placed' },
  REJECTED: { label: 'Rejected', tone: 'danger', glyph: '✕', hint: 'A person said no' },
  EXPIRED: { label: 'Expired', tone: 'neutral', glyph: '◷', hint: 'Nobody decided in time: that means no' },
  WITHDRAWN: { label: 'Withdrawn', tone: 'neutral', glyph: '⊘', hint: 'Taken back before anyone decided' },
};
