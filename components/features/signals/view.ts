import { createLoader, createParser, type inferParserType } from 'nuqs/server';
import type { RouterInputs, SignalRow } from '@/components/trpc/types';
import { symbolParam, textParam } from '@/components/url-state';

type DecisionFilter = NonNullable<RouterInputs['signals']['list']['decision']>;

export const DECISIONS: Record<DecisionFilter | 'ALL', string> = {
  ALL: 'All',
  APPROVE: 'Allow',
  REVIEW: 'Review',
  REJECT: 'Reject',
  NONE: 'Not evaluated',
};

const FILTERS: readonly DecisionFilter[] = ['APPROVE', 'REVIEW', 'REJECT', 'NONE'];

/** What the list shows, as its address states it; a null decision means all. */
export const signalsParams = {
  strategy: textParam(100),
  symbol: symbolParam,
  decision: createParser<DecisionFilter>({
    parse: (text) => FILTERS.find((key) => key === text) ?? null,
    serialize: (decision) => decision,
  }),
};

export type SignalsView = inferParserType<typeof signalsParams>;

export const loadSignalsView = createLoader(signalsParams);

/** Labels of the outcomes. An unknown one, written by a later version, is shown as it is. */
const OUTCOMES: Readonly<Record<string, string>> = {
  PLACED: 'order placed',
  REVIEW: 'awaits review',
  REJECTED: 'rejected',
  NO_SHARES: 'too small for one share',
  EXPIRED: 'expired',
};

/** How far a signal came, or what its outcome was. */
export function taskText(task: SignalRow['task']): string {
  if (task === null) return 'evaluated on request';
  if (task.state === 'QUEUED') return 'queued';
  const outcome = OUTCOMES[task.outcome ?? ''] ?? task.outcome ?? 'done';
  return task.detail === null ? outcome : `${outcome}: ${task.detail}`;
}
