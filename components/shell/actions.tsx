'use client';

import { createContext, useContext } from 'react';

export type ShellDialog = 'kill' | 'release' | 'palette' | 'help';

interface ShellActions {
  readonly open: (dialog: ShellDialog) => void;
}

const Actions = createContext<ShellActions>({ open: () => undefined });
export const ShellActionsProvider = Actions.Provider;

/** Opens one of the dialogs that every page has. */
export function useShellActions(): ShellActions {
  return useContext(Actions);
}
