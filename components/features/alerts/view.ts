import type { RouterInputs } from '@/components/trpc/types';

/** Which alerts are listed, as the address says it. */
export interface AlertsView {
  readonly state: NonNullable<RouterInputs['system']['alerts']['state']>;
}

export const ALERT_STATES: Record<AlertsView['state'], string> = { open: 'Open', resolved: 'Over', all: 'All' };

/** What it does not know becomes the default: all, so that the page is a history. */
export function readView(params: URLSearchParams): AlertsView {
  const asked = params.get('state');
  const keys = Object.keys(ALERT_STATES) as AlertsView['state'][];
  return { state: keys.find((key) => key === asked) ?? 'all' };
}

export function writeView(view: AlertsView): string {
  return view.state === 'all' ? '/alerts' : `/alerts?state=${view.state}`;
}
