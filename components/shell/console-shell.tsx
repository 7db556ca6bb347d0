'use client';

import { type ReactNode, useCallback, useMemo, useState } from 'react';
import { NowProvider } from '@/components/live/now';
import { ApiProvider } from '@/components/trpc/client';
import { useLoaded } from '@/components/ui/use-loaded';
import { ShellActionsProvider, type ShellDialog } from './actions';
import { Banners } from './banners';
import { SessionProvider, type SessionView } from './session';
import { SideNav } from './side-nav';
import { TopBar } from './top-bar';
import { type ShellData, ShellDataProvider, useStatus } from './use-status';

interface ConsoleShellProps {
  readonly session: SessionView;
  readonly initial: ShellData;
  readonly children: ReactNode;
}

/** Everything around a page: data, stream, keys, top bar, banners, dialogs. */
export function ConsoleShell({ session, initial, children }: ConsoleShellProps) {
  return (
    <ApiProvider>
      <NowProvider renderedAt={Date.parse(initial.status.serverTime)}>
        <SessionProvider session={session}>
          <ShellDataProvider value={initial}>
            <Frame since={initial.status.outboxSeq}>{children}</Frame>
          </ShellDataProvider>
        </SessionProvider>
      </NowProvider>
    </ApiProvider>
  );
}

/** The second part of the shell. */
const loadExtras = () => import('./extras');

function Frame({ since, children }: { readonly since: string; readonly children: ReactNode }) {
  const [dialog, setDialog] = useState<ShellDialog | null>(null);
  const open = useCallback((next: ShellDialog) => setDialog(next), []);
  const close = useCallback(() => setDialog(null), []);
  const actions = useMemo(() => ({ open }), [open]);
  const { status } = useStatus();
  const extras = useLoaded(loadExtras);
  return (
    <ShellActionsProvider value={actions}>
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-surface focus:px-3 focus:py-2"
      >
        Skip to content
      </a>
      <div className="sticky top-0 z-20">
        <TopBar />
        <Banners />
      </div>
      <div className="lg:flex">
        <SideNav />
        <main id="main" className="min-w-0 flex-1 p-3 lg:pl-4">
          {children}
        </main>
      </div>
      {extras !== null && <extras.ShellExtras dialog={dialog} onClose={close} since={since} />}
      {status.environment === 'LIVE' && (
        <div aria-hidden="true" className="pointer-events-none fixed inset-0 z-50 border-4 border-live-bg" />
      )}
    </ShellActionsProvider>
  );
}
