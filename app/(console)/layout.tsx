import { NuqsAdapter } from 'nuqs/adapters/next/app';
import type { ReactNode } from 'react';
import { ConsoleShell } from '@/components/shell/console-shell';
import { requirePage } from './page-session';

export const dynamic = 'force-dynamic';

export default async function ConsoleLayout({ children }: { readonly children: ReactNode }) {
  const { session, api } = await requirePage();
  const [status, approvals] = await Promise.all([api.system.status(), api.approvals.list()]);
  const { name, email, role } = session;
  return (
    <ConsoleShell session={{ name, email, role }} initial={{ status, approvals }}>
      <NuqsAdapter>{children}</NuqsAdapter>
    </ConsoleShell>
  );
}
