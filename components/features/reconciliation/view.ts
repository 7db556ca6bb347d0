import { createLoader, type inferParserType } from 'nuqs/server';
import type { RouterInputs } from '@/components/trpc/types';
import { choiceParam, symbolParam } from '@/components/url-state';

type BreakState = NonNullable<RouterInputs['reconciliation']['breaks']['state']>;
type TieOutFilter = 'ALL' | NonNullable<RouterInputs['reconciliation']['tieOuts']['status']>;

export const BREAK_STATES: Record<BreakState, string> = { open: 'Open', resolved: 'Resolved', all: 'All' };

export const TIE_OUT_FILTERS: Record<TieOutFilter, string> = {
  ALL: 'All',
  WAITING: 'Waiting',
  CLEAN: 'Clean',
  DIFFERENT: 'Different',
  FAILED: 'Failed',
};

/** What the page's lists show, as its address states it: `?breaks=resolved&symbol=AAPL&tieouts=failed`. */
export const reconciliationParams = {
  breaks: choiceParam(BREAK_STATES, 'open'),
  symbol: symbolParam,
  tieouts: choiceParam(TIE_OUT_FILTERS, 'ALL', (key) => key.toLowerCase()),
};

export type ReconciliationView = inferParserType<typeof reconciliationParams>;

export const loadReconciliationView = createLoader(reconciliationParams);

/** The server's input for the list of breaks. */
export function breaksInput({ breaks, symbol }: ReconciliationView) {
  return { state: breaks, symbol };
}

export function tieOutsInput({ tieouts }: ReconciliationView) {
  return { status: tieouts === 'ALL' ? null : tieouts };
}
