import type { RouterOutputs } from '@/components/trpc/types';
import type { Display } from './tone';

type OrderStatus = RouterOutputs['orders']['list']['rows'][number]['status'];
type OrderKind = RouterOutputs['orders']['list']['rows'][number]['kind'];

export const ORDER_STATUS: Record<OrderStatus, Display> = {
  NEW: { label: 'New', tone: 'neutral', glyph: '○', hint: 'Created here; not yet acknowledged by the broker' },
  ACCEPTED: { label: 'Working', tone: 'primary', glyph: '◔', hint: 'Open at the broker; not filled yet' },
  PARTIALLY_FILLED: { label: 'Partly filled', tone: 'primary', glyph: '◑', hint: 'Open at the broker; partly filled' },
  FILLED: { label: 'Filled', tone: 'pos', glyph: '●', hint: 'Completely filled' },
  REJECTED: { label: 'Rejected', tone: 'danger', glyph: '✕', hint: 'Rejected by the broker' },
  CANCELLED: { label: 'Cancelled', tone: 'neutral', glyph: '⊘', hint: 'Cancelled before it was completely filled' },
  EXPIRED: { label: 'Expired', tone: 'neutral', glyph: '◷', hint: 'Expired before it was completely filled' },
  CANCEL_PENDING: {
    label: 'Cancel pending',
    tone: 'warn',
    glyph: '◌',
    hint: 'Cancel requested; a fill may still arrive',
  },
};

export const ORDER_KIND: Record<OrderKind, string> = {
  GATED: 'Policy-approved',
  FLATTEN: 'Exit',
  PROTECTIVE: 'Protective stop',
  EXTERNAL: 'Placed outside Countersign',
};
