import type { RouterOutputs } from '@/components/trpc/types';
import type { Display } from './tone';

type TieOutStatus = RouterOutputs['reconciliation']['tieOuts'][number]['status'];
type TieOutKind = RouterOutputs['reconciliation']['tieOuts'][number]['kind'];
type DrillStatus = RouterOutputs['trading']['drills'][number]['status'];
type Agreement = RouterOutputs['reconciliation']['get']['positions'][number]['agreement'];

export const AGREEMENT: Record<Agreement, Display> = {
  AGREED: { label: 'Agrees', tone: 'pos', glyph: '=', hint: 'Compared at the last round, and the same on both sides' },
  DIFFERS: { label: 'Differs', tone: 'danger', glyph: '≠', hint: 'A break is open: policy rejects orders in it' },
  NEWER: { label: 'Newer here', tone: 'neutral', glyph: '○', hint: 'Ours changed since: the next round compares it' },
  UNSENT: { label: 'Not sent yet', tone: 'neutral', glyph: '○', hint: 'The broker does not know it yet' },
  IN_DOUBT: {
    label: 'In doubt',
    tone: 'warn',
    glyph: '?',
    hint: 'Sent, and the broker has not said whether it took it: it is being looked up',
  },
};

export const TIE_OUT_STATUS: Record<TieOutStatus, Display> = {
  WAITING: { label: 'Waiting', tone: 'neutral', glyph: '○', hint: 'The worker has not compared yet' },
  CLEAN: { label: 'Clean', tone: 'pos', glyph: '✓', hint: 'Both sides hold the same' },
  DIFFERENT: { label: 'Different', tone: 'danger', glyph: '≠', hint: 'Something differs: see the report' },
  FAILED: { label: 'Failed', tone: 'danger', glyph: '✕', hint: 'The comparison could not be made' },
};

export const TIE_OUT_KIND: Record<TieOutKind, string> = { CLOSE: 'market close', REQUESTED: 'manual' };

export const DRILL_STATUS: Record<DrillStatus, Display> = {
  REQUESTED: { label: 'Requested', tone: 'neutral', glyph: '○', hint: 'The worker has not begun yet' },
  PLACING: { label: 'Placing', tone: 'primary', glyph: '◔', hint: 'Orders far from the market are being placed' },
  HALTING: { label: 'Halting', tone: 'warn', glyph: '◑', hint: 'Trading is halted; the orders are being cancelled' },
  PASSED: { label: 'Passed', tone: 'pos', glyph: '✓', hint: 'All cancelled or filled, and nothing filled after' },
  FAILED: { label: 'Failed', tone: 'danger', glyph: '✕', hint: 'See why in its record' },
};
