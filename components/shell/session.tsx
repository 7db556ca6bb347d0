'use client';

import { createContext, type ReactNode, useContext } from 'react';
import type { Role } from '@/server/kernel/vocabulary';

export interface SessionView {
  readonly name: string;
  readonly email: string;
  readonly role: Role;
}

const SessionContext = createContext<SessionView>({ name: '', email: '', role: 'VIEWER' });

export function SessionProvider({
  session,
  children,
}: {
  readonly session: SessionView;
  readonly children: ReactNode;
}) {
  return <SessionContext value={session}>{children}</SessionContext>;
}

export function useSession(): SessionView {
  return useContext(SessionContext);
}

/** What the role may try: the server decides again. */
export function useMayOperate(): boolean {
  return useSession().role !== 'VIEWER';
}

export const ROLE_LABEL: Record<SessionView['role'], string> = {
  VIEWER: 'Viewer',
  OPERATOR: 'Operator',
  ADMIN: 'Administrator',
};
