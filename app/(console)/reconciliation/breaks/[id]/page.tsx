import type { Metadata } from 'next';
import { BreakPage } from '@/components/features/reconciliation/break-page';
import { orNotFound, requirePage } from '../../../page-session';

export const metadata: Metadata = { title: 'Break' };

export default async function Page({ params }: { readonly params: Promise<{ readonly id: string }> }) {
  const { api } = await requirePage();
  const { id } = await params;
  return <BreakPage initial={await orNotFound(api.reconciliation.break({ id }))} />;
}
