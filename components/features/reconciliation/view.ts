import type { RouterInputs } from '@/components/trpc/types';

/** What the page's lists show, as its address says it. */
export interface ReconciliationView {
  readonly state: NonNullable<RouterInputs['reconciliation']['breaks']['state']>;
  readonly symbol: string;
  readonly tieOuts: TieOutFilter;
}

export type TieOutFilter = 'ALL' | NonNullable<RouterInputs['reconciliation']['tieOuts']['status']>;

export const BREAK_STATES: Record<ReconciliationView['state'], string> = {
  open: 'Open',
  resolved: 'Resolved',
  all: 'All',
};

export const TIE_OUT_FILTERS: Record<TieOutFilter, string> = {
  ALL: 'All',
  WAITING: 'Waiting',
  CLEAN: 'Clean',
  DIFFERENT: 'Different',
  FAILED: 'Failed',
};

function known<Key extends string>(record: Readonly<Record<Key, unknown>>, value: string | null, fallback: Key): Key {
  const keys = Object.keys(record) as Key[];
  return keys.find((key) => key === value) ?? fallback;
}

/** Reads a view from an address; what it does not know becomes the default. */
export function readView(params: URLSearchParams): ReconciliationView {
  return {
    state: known(BREAK_STATES, params.get('breaks'), 'open'),
    symbol: (params.get('symbol') ?? '').trim().toUpperCase().slice(0, 12),
    tieOuts: known(TIE_OUT_FILTERS, params.get('tieouts')?.toUpperCase() ?? null, 'ALL'),
  };
}

/** The address of a view; defaults are left out. */
export function writeView(view: ReconciliationView): string {
  const params = new URLSearchParams();
  if (view.state !== 'open') params.set('breaks', view.state);
  if (view.symbol !== '') params.set('symbol', view.symbol);
  if (view.tieOuts !== 'ALL') params.set('tieouts', view.tieOuts.toLowerCase());
  const text = params.toString();
  return text === '' ? '/reconciliation' : `/reconciliation?${text}`;
}

/** The server's input for the list of breaks. */
export function breaksInput(view: ReconciliationView) {
  return { state: view.state, symbol: view.symbol };
}

export function tieOutsInput(view: ReconciliationView) {
  return { status: view.tieOuts === 'ALL' ? null : view.tieOuts };
}
