import type { RouterOutputs } from '@/components/trpc/types';
import type { Display } from './tone';

type TieOutStatus = RouterOutputs['reconciliation']['tieOuts'][number]['status'];
type TieOutKind = RouterOutputs['reconciliation']['tieOuts'][number]['kind'];
type DrillStatus = RouterOutputs['trading']['drills'][number]['status'];
type Agreement = RouterOutputs['reconciliation']['get']['positions'][number]['agreement'];

export const AGREEMENT: Record<Agreement, Display> = {
  AGREED: { label: 'Agrees', tone: 'pos', glyph: '=', hint: 'Both sides matched in the last round' },
  DIFFERS: {
    label: 'Differs',
    tone: 'danger',
    glyph: '≠',
    hint: 'A break is open: policy rejects orders in this symbol',
  },
  NEWER: { label: 'Newer', tone: 'neutral', glyph: '○', hint: 'Changed here since the last round' },
  UNSENT: { label: 'Not sent yet', tone: 'neutral', glyph: '○', hint: 'Not yet sent to the broker' },
  IN_DOUBT: {
    label: 'Unconfirmed',
    tone: 'warn',
    glyph: '?',
    hint: 'Sent, but not confirmed by the broker; being looked up',
  },
};

export const TIE_OUT_STATUS: Record<TieOutStatus, Display> = {
  WAITING: { label: 'Waiting', tone: 'neutral', glyph: '○', hint: 'The worker has not compared the sides yet' },
  CLEAN: { label: 'Clean', tone: 'pos', glyph: '✓', hint: 'Both sides match' },
  DIFFERENT: { label: 'Different', tone: 'danger', glyph: '≠', hint: 'The sides differ; see the report' },
  FAILED: { label: 'Failed', tone: 'danger', glyph: '✕', hint: 'The comparison failed' },
};

export const TIE_OUT_KIND: Record<TieOutKind, string> = { CLOSE: 'market close', REQUESTED: 'manual' };

export const DRILL_STATUS: Record<DrillStatus, Display> = {
  REQUESTED: { label: 'Requested', tone: 'neutral', glyph: '○', hint: 'The worker has not started it yet' },
  PLACING: { label: 'Placing', tone: 'primary', glyph: '◔', hint: 'Orders far from the market are being placed' },
  HALTING: { label: 'Halting', tone: 'warn', glyph: '◑', hint: 'Trading is halted; cancelling the orders' },
  PASSED: { label: 'Passed', tone: 'pos', glyph: '✓', hint: 'All orders cancelled or filled; no fill after the halt' },
  FAILED: { label: 'Failed', tone: 'danger', glyph: '✕', hint: 'Its record states the reason' },
};
