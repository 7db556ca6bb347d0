import type { RouterOutputs } from '@/components/trpc/types';
import type { Display } from './tone';

type OrderStatus = RouterOutputs['orders']['list']['rows'][number]['status'];
type ApprovalStatus = RouterOutputs['approvals']['list']['pending'][number]['status'];
type TradingState = RouterOutputs['trading']['state']['state'];
type Environment = RouterOutputs['system']['status']['environment'];
type Decision = RouterOutputs['policy']['decisions'][number]['decision'];
type OrderKind = RouterOutputs['orders']['list']['rows'][number]['kind'];

export const ORDER_STATUS: Record<OrderStatus, Display> = {
  NEW: { label: 'New', tone: 'neutral', glyph: '○', hint: 'Known to us; the broker has not acknowledged it' },
  ACCEPTED: { label: 'Working', tone: 'primary', glyph: '◔', hint: 'The broker works it; nothing is filled' },
  PARTIALLY_FILLED: { label: 'Part filled', tone: 'primary', glyph: '◑', hint: 'The broker works it; some is filled' },
  FILLED: { label: 'Filled', tone: 'pos', glyph: '●', hint: 'All of it is filled' },
  REJECTED: { label: 'Rejected', tone: 'danger', glyph: '✕', hint: 'Refused by the broker' },
  CANCELLED: { label: 'Cancelled', tone: 'neutral', glyph: '⊘', hint: 'Closed before all was filled' },
  EXPIRED: { label: 'Expired', tone: 'neutral', glyph: '◷', hint: 'Ran out before all was filled' },
  CANCEL_PENDING: {
    label: 'Cancel pending',
    tone: 'warn',
    glyph: '◌',
    hint: 'A cancel was asked for; a fill may still come',
  },
};

export const APPROVAL_STATUS: Record<ApprovalStatus, Display> = {
  PENDING: { label: 'Waiting', tone: 'warn', glyph: '○', hint: 'Waits for a person' },
  APPROVED: { label: 'Approved', tone: 'pos', glyph: '✓', hint: 'Countersigned and placed' },
  REJECTED: { label: 'Rejected', tone: 'danger', glyph: '✕', hint: 'A person said no' },
  EXPIRED: { label: 'Expired', tone: 'neutral', glyph: '◷', hint: 'Nobody decided in time: that means no' },
  WITHDRAWN: { label: 'Withdrawn', tone: 'neutral', glyph: '⊘', hint: 'Taken back before anyone decided' },
};

export const TRADING_STATE: Record<TradingState, Display> = {
  ACTIVE: { label: 'Active', tone: 'pos', glyph: '●', hint: 'Orders that pass policy are sent' },
  REDUCING: { label: 'Reducing', tone: 'warn', glyph: '◐', hint: 'Only orders that close what is held are sent' },
  HALTED: { label: 'Halted', tone: 'danger', glyph: '■', hint: 'Nothing but cancels and flatten leaves' },
};

export const ENVIRONMENT: Record<Environment, { readonly label: string; readonly hint: string }> = {
  SIM: { label: 'SIM', hint: 'Simulated broker and market: no real money' },
  PAPER: { label: 'PAPER', hint: "A broker's paper account: no real money" },
  LIVE: { label: 'LIVE', hint: 'Real money' },
};

export const DECISION: Record<Decision, Display> = {
  APPROVE: { label: 'Approve', tone: 'pos', glyph: '✓', hint: 'Every rule passed' },
  REVIEW: { label: 'Review', tone: 'warn', glyph: '◇', hint: 'A person must countersign' },
  REJECT: { label: 'Reject', tone: 'danger', glyph: '✕', hint: 'A rule forbids it' },
};

export const ORDER_KIND: Record<OrderKind, string> = {
  GATED: 'Through the gate',
  FLATTEN: 'Flatten, by a person',
  EXTERNAL: 'Placed outside Countersign',
};
