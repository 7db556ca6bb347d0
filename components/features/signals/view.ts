import type { RouterInputs, SignalRow } from '@/components/trpc/types';

/** What the list shows, as its address says it. */
export type SignalsView = Required<Pick<RouterInputs['signals']['list'], 'strategy' | 'symbol' | 'decision'>>;

export type DecisionFilter = NonNullable<SignalsView['decision']>;

export const DECISIONS: Record<DecisionFilter | 'ALL', string> = {
  ALL: 'All',
  APPROVE: 'Approve',
  REVIEW: 'Review',
  REJECT: 'Reject',
  NONE: 'Not judged',
};

/** Reads a view from an address; what it does not know becomes the default. */
export function readView(params: URLSearchParams): SignalsView {
  const keys = Object.keys(DECISIONS) as (keyof typeof DECISIONS)[];
  const decision = keys.find((key) => key === params.get('decision')) ?? 'ALL';
  return {
    strategy: (params.get('strategy') ?? '').trim().slice(0, 100),
    symbol: (params.get('symbol') ?? '').trim().toUpperCase().slice(0, 12),
    decision: decision === 'ALL' ? null : decision,
  };
}

/** The address of a view; defaults are left out. */
export function writeView({ strategy, symbol, decision }: SignalsView): string {
  const params = new URLSearchParams();
  if (strategy !== '') params.set('strategy', strategy ?? '');
  if (symbol !== '') params.set('symbol', symbol ?? '');
  if (decision !== null) params.set('decision', decision ?? '');
  const text = params.toString();
  return text === '' ? '/signals' : `/signals?${text}`;
}

/** Outcomes in words. One that a later version writes is shown as it is. */
const OUTCOMES: Readonly<Record<string, string>> = {
  PLACED: 'placed',
  REVIEW: 'waits for a person',
  REJECTED: 'rejected',
  NO_SHARES: 'too small for a share',
  EXPIRED: 'came too late',
};

/** What became of a candidate on its way to the gate. */
export function taskText(task: SignalRow['task']): string {
  if (task === null) return 'judged on request';
  if (task.state === 'QUEUED') return 'on its way';
  const outcome = OUTCOMES[task.outcome ?? ''] ?? task.outcome ?? 'done';
  return task.detail === null ? outcome : `${outcome}: ${task.detail}`;
}
