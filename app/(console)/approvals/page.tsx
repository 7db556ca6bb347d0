import type { Metadata } from 'next';
import { ApprovalsPage } from '@/components/features/approvals/approvals-page';
import { requirePage } from '../page-session';

export const metadata: Metadata = { title: 'Approvals' };

export default async function Page() {
  await requirePage();
  return <ApprovalsPage id={null} />;
}
