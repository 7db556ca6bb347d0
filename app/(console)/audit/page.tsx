import type { Metadata } from 'next';
import { AuditPage } from '@/components/features/audit/audit-page';
import { requirePage } from '../page-session';

export const metadata: Metadata = { title: 'Audit' };

export default async function Page() {
  const { api } = await requirePage();
  return <AuditPage initial={await api.system.audit({})} />;
}
