import type { Metadata } from 'next';
import { ApprovalsPage } from '@/components/features/approvals/approvals-page';
import { orNotFound, requirePage } from '../../page-session';

export const metadata: Metadata = { title: 'Approval' };

export default async function Page({ params }: { readonly params: Promise<{ readonly id: string }> }) {
  const { api } = await requirePage();
  const { id } = await params;
  const initial = await orNotFound(api.approvals.get({ id }));
  return <ApprovalsPage id={initial.approval.id} initial={initial} />;
}
