'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ConsoleStream } from '@/components/live/stream';
import { useLoaded } from '@/components/ui/use-loaded';
import type { ShellDialog } from './actions';
import { AlertWatcher, ApprovalWatcher } from './approval-watcher';
import { loadBannerList } from './banners';
import { BellPanel } from './bell-panel';
import { HelpDialog } from './help-dialog';
import { KillDialog } from './kill-dialog';
import { Palette } from './palette';
import { ReleaseDialog } from './release-dialog';
import { useShellKeys } from './shell-keys';
import { useStatus, useWaiting } from './use-status';
import { UserPanel } from './user-panel';

export interface ShellExtrasProps {
  readonly dialog: ShellDialog | null;
  readonly onClose: () => void;
  /** The newest event that the first paint already shows. */
  readonly since: string;
}

/** One stream as long as the console is open. */
function useStream(since: string): void {
  const client = useQueryClient();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a later `since` must not reopen the stream
  useEffect(() => {
    const stream = new ConsoleStream(client, since);
    stream.start();
    return () => stream.stop();
  }, [client]);
}

/** What the first paint does without: the stream, the dialogs, the bell. Loaded at once after it, before any need. */
export function ShellExtras({ dialog, onClose, since }: ShellExtrasProps) {
  const waiting = useWaiting();
  const { status } = useStatus();
  useStream(since);
  useShellKeys();
  // There before it is needed: a banner may be about a server that no longer answers.
  useLoaded(loadBannerList);
  return (
    <>
      <KillDialog open={dialog === 'kill'} onClose={onClose} />
      <ReleaseDialog open={dialog === 'release'} onClose={onClose} />
      <Palette open={dialog === 'palette'} onClose={onClose} />
      <HelpDialog open={dialog === 'help'} onClose={onClose} />
      <BellPanel />
      <UserPanel />
      <ApprovalWatcher pending={waiting} />
      <AlertWatcher newest={status.alerts.newest} />
    </>
  );
}
