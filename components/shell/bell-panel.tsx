'use client';

import { useQuery } from '@tanstack/react-query';
import { alertHref, kindLabel } from '@/components/features/alerts/kinds';
import { useTRPC } from '@/components/trpc/client';
import type { AlertRow } from '@/components/trpc/types';
import { Link } from '@/components/ui/link';
import { Ago } from '@/components/ui/moment';
import { markAlertsSeen, useAlerts } from './alerts';
import { chime } from './chime';
import { setPreference, usePreferences } from './preferences';
import { useStatus } from './use-status';

async function switchNotifications(on: boolean): Promise<void> {
  if (!on || !('Notification' in window)) return setPreference('notify', false);
  const permission = Notification.permission === 'granted' ? 'granted' : await Notification.requestPermission();
  setPreference('notify', permission === 'granted');
}

function switchSound(on: boolean): void {
  setPreference('sound', on);
  if (on) chime();
}

/** Alerts open on the server. */
function OpenAlerts({ rows }: { readonly rows: readonly AlertRow[] }) {
  const { status } = useStatus();
  return (
    <section aria-label="Open" className="border-b border-border">
      {rows.length > 0 && (
        <ul className="max-h-60 overflow-y-auto">
          {rows.map((row) => (
            <li key={row.id} className="border-b border-border last:border-b-0">
              <Link href={alertHref(row.kind)} className="block px-3 py-2 hover:bg-sunken" data-testid="open-alert">
                <span className="flex justify-between gap-2">
                  <span className="font-medium text-danger">! {kindLabel(row.kind)}</span>
                  <Ago iso={row.openedAt} className="text-12 text-muted" />
                </span>
                <span className="block text-12 break-words text-muted">{row.message}</span>
              </Link>
            </li>
          ))}
        </ul>
      )}
      {status.openBreaks > 0 && (
        <Link
          href="/reconciliation"
          className="block border-t border-border px-3 py-2 first:border-t-0 hover:bg-sunken"
        >
          <span className="font-medium text-danger">
            ≠ {status.openBreaks} reconciliation break{status.openBreaks === 1 ? '' : 's'}
          </span>
        </Link>
      )}
      {rows.length === 0 && status.openBreaks === 0 && <p className="px-3 py-2 text-muted">No open alerts.</p>}
    </section>
  );
}

/** Open alerts, those of this session, and how new approvals are announced. */
export function BellPanel() {
  const trpc = useTRPC();
  const query = useQuery(trpc.system.alerts.queryOptions({ state: 'open', limit: 10 }));
  const open = query.data?.rows ?? [];
  // Open alerts are already listed above.
  const alerts = useAlerts().filter((alert) => open.every((row) => row.id !== alert.id));
  const { notify, sound } = usePreferences();
  return (
    <div
      id="bell"
      popover="auto"
      data-testid="bell-list"
      onToggle={(event) => event.newState === 'open' && markAlertsSeen()}
      className="fixed inset-auto top-12 right-3 m-0 w-80 max-w-[calc(100vw-24px)] rounded-md border border-border bg-surface p-0 text-text"
    >
      <h2 className="flex items-baseline justify-between border-b border-border px-3 py-2 font-semibold">
        Alerts
        <Link href="/alerts" className="text-12 font-normal text-primary hover:underline">
          History
        </Link>
      </h2>
      <OpenAlerts rows={open} />
      {alerts.length === 0 ? (
        <p className="px-3 py-4 text-muted">No alerts in this session.</p>
      ) : (
        <ul className="max-h-80 overflow-y-auto">
          {alerts.map((alert) => (
            <li key={alert.id} className="border-b border-border last:border-b-0">
              <Link href={alert.href} className="block px-3 py-2 hover:bg-sunken">
                <span className="flex justify-between gap-2">
                  <span className="font-medium">{alert.title}</span>
                  <Ago iso={alert.at} className="text-12 text-muted" />
                </span>
                <span className="num block truncate text-12 text-muted">{alert.detail}</span>
              </Link>
            </li>
          ))}
        </ul>
      )}
      <div className="flex flex-col gap-1 border-t border-border bg-sunken px-3 py-2 text-12">
        <label className="flex items-center gap-2">
          <input
            type="checkbox"
            checked={notify}
            onChange={(event) => void switchNotifications(event.target.checked)}
          />
          Desktop notification for a new approval
        </label>
        <label className="flex items-center gap-2">
          <input type="checkbox" checked={sound} onChange={(event) => switchSound(event.target.checked)} />
          Sound for a new approval
        </label>
      </div>
    </div>
  );
}
