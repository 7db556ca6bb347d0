'use client';

import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useCallback, useEffect, useMemo, useState } from 'react';
import { NowProvider } from '@/components/live/now';
import { ConsoleStream } from '@/components/live/stream';
import { useCutOffSince } from '@/components/live/stream-state';
import { ApiProvider } from '@/components/trpc/client';
import { cx } from '@/components/ui/cx';
import { lazyDialog } from '@/components/ui/lazy-dialog';
import { ShellActionsProvider, type ShellDialog } from './actions';
import { AlertWatcher, ApprovalWatcher } from './approval-watcher';
import { Banners } from './banners';
import { KillDialog } from './kill-dialog';
import { SessionProvider, type SessionView } from './session';
import { useShellKeys } from './shell-keys';
import { SideNav } from './side-nav';
import { TopBar } from './top-bar';
import { type ShellData, ShellDataProvider, useStatus, useWaiting } from './use-status';

const HelpDialog = lazyDialog(async () => (await import('./help-dialog')).HelpDialog);

const Palette = lazyDialog(async () => (await import('./palette')).Palette);

const ReleaseDialog = lazyDialog(async () => (await import('./release-dialog')).ReleaseDialog);

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

/** What is out of date is drawn without colour, so that it cannot be taken for live. */
const OUT_OF_DATE = 'opacity-60 grayscale';

function Frame({ since, children }: { readonly since: string; readonly children: ReactNode }) {
  const [dialog, setDialog] = useState<ShellDialog | null>(null);
  const open = useCallback((next: ShellDialog) => setDialog(next), []);
  const close = useCallback(() => setDialog(null), []);
  const actions = useMemo(() => ({ open }), [open]);
  const { status } = useStatus();
  const cutOff = useCutOffSince() !== null;
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
        <main id="main" className={cx('min-w-0 flex-1 p-3 lg:pl-4', cutOff && OUT_OF_DATE)}>
          {children}
        </main>
      </div>
      <ShellServices dialog={dialog} onClose={close} since={since} />
      {status.environment === 'LIVE' && (
        <div aria-hidden="true" className="pointer-events-none fixed inset-0 z-50 border-4 border-live-bg" />
      )}
    </ShellActionsProvider>
  );
}

/** Keeps one stream open while the console is. */
function useStream(since: string): void {
  const client = useQueryClient();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a later `since` must not reopen the stream
  useEffect(() => {
    const stream = new ConsoleStream(client, since);
    stream.start();
    return () => stream.stop();
  }, [client]);
}

interface ShellServicesProps {
  readonly dialog: ShellDialog | null;
  readonly onClose: () => void;
  /** The newest event that the first paint already shows. */
  readonly since: string;
}

/** What every page has besides its bars: stream, keys, dialogs, alerts. */
function ShellServices({ dialog, onClose, since }: ShellServicesProps) {
  const waiting = useWaiting();
  const { status } = useStatus();
  useStream(since);
  useShellKeys();
  return (
    <>
      <KillDialog open={dialog === 'kill'} onClose={onClose} />
      <ReleaseDialog open={dialog === 'release'} onClose={onClose} />
      <Palette open={dialog === 'palette'} onClose={onClose} />
      <HelpDialog open={dialog === 'help'} onClose={onClose} />
      <ApprovalWatcher pending={waiting} />
      <AlertWatcher newest={status.alerts.newest} />
    </>
  );
}
