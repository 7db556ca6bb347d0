import type { RouterOutputs } from '@/components/trpc/types';
import type { Display } from './tone';

type OrderStatus = RouterOutputs['orders']['list']['rows'][number]['status'];
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

export const ORDER_KIND: Record<OrderKind, string> = {
  GATED: 'Through the gate',
  FLATTEN: 'Flatten, by a person',
  EXTERNAL: 'Placed outside Countersign',
};
