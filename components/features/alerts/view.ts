import { createLoader, type inferParserType } from 'nuqs/server';
import type { RouterInputs } from '@/components/trpc/types';
import { choiceParam } from '@/components/url-state';

type AlertState = NonNullable<RouterInputs['system']['alerts']['state']>;

export const ALERT_STATES: Record<AlertState, string> = { open: 'Open', resolved: 'Resolved', all: 'All' };

/** Which alerts are listed, as the address states it. The default is the whole history. */
export const alertsParams = { state: choiceParam(ALERT_STATES, 'all') };

export type AlertsView = inferParserType<typeof alertsParams>;

export const loadAlertsView = createLoader(alertsParams);
