'use client';

import { useQuery } from '@tanstack/react-query';
import { alertHref, kindLabel } from '@/components/features/alerts/kinds';
import { useTRPC } from '@/components/trpc/client';
import type { AlertRow } from '@/components/trpc/types';
import { Link } from '@/components/ui/link';
import { Ago } from '@/components/ui/moment';
import { Popover } from '@/components/ui/popover';
import { type Alert, markAlertsSeen, useAlerts, useUnseenCount } from './alerts';
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

function BellIcon() {
  return (
    <svg
      aria-hidden="true"
      width="16"
      height="16"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinejoin="round"
    >
      <path d="M8 2a4 4 0 0 0-4 4v3l-1.4 2.2h10.8L12 9V6a4 4 0 0 0-4-4ZM6.5 13.5a1.6 1.6 0 0 0 3 0" />
    </svg>
  );
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

/** Alerts raised in this browser session. */
function SessionAlerts({ alerts }: { readonly alerts: readonly Alert[] }) {
  if (alerts.length === 0) return <p className="px-3 py-4 text-muted">No alerts in this session.</p>;
  return (
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
  );
}

/** How new approvals are announced. */
function AnnouncementSettings() {
  const { notify, sound } = usePreferences();
  return (
    <div className="flex flex-col gap-1 border-t border-border bg-sunken px-3 py-2 text-12">
      <label className="flex items-center gap-2">
        <input type="checkbox" checked={notify} onChange={(event) => void switchNotifications(event.target.checked)} />
        Desktop notification for a new approval
      </label>
      <label className="flex items-center gap-2">
        <input type="checkbox" checked={sound} onChange={(event) => switchSound(event.target.checked)} />
        Sound for a new approval
      </label>
    </div>
  );
}

/** The icon with the count of new alerts, or a dot when alerts are open but none is new. */
function BellBadge({ unseen, open }: { readonly unseen: number; readonly open: number }) {
  return (
    <>
      <BellIcon />
      {unseen === 0 && open > 0 && (
        <span aria-hidden="true" className="absolute top-1 right-1 size-2 rounded-full bg-danger" />
      )}
      {unseen > 0 && (
        <span
          aria-hidden="true"
          className="num absolute -top-0.5 -right-0.5 min-w-4 rounded-full bg-kill px-1 text-center text-11 font-semibold text-white"
        >
          {unseen}
        </span>
      )}
    </>
  );
}

/** Open alerts, those of this session, and how new approvals are announced. */
export function Bell() {
  const trpc = useTRPC();
  const query = useQuery(trpc.system.alerts.queryOptions({ state: 'open', limit: 10 }));
  const rows = query.data?.rows ?? [];
  // Open alerts are already listed above.
  const alerts = useAlerts().filter((alert) => rows.every((row) => row.id !== alert.id));
  const unseen = useUnseenCount();
  const { open } = useStatus().status.alerts;
  const counts = [open > 0 && `${open} open`, unseen > 0 && `${unseen} new`].filter(Boolean);
  return (
    <Popover
      trigger={{
        'aria-label': ['Alerts', ...counts].join(', '),
        'data-testid': 'bell',
        className:
          'relative inline-flex size-8 items-center justify-center rounded-sm text-muted hover:bg-sunken hover:text-text',
        children: <BellBadge unseen={unseen} open={open} />,
      }}
      label="Alerts"
      onOpen={markAlertsSeen}
      testId="bell-list"
      className="w-80"
    >
      <div className="flex items-baseline justify-between border-b border-border px-3 py-2">
        <h2 className="font-semibold">Alerts</h2>
        <Link href="/alerts" className="text-12 text-primary hover:underline">
          History
        </Link>
      </div>
      <OpenAlerts rows={rows} />
      <SessionAlerts alerts={alerts} />
      <AnnouncementSettings />
    </Popover>
  );
}
