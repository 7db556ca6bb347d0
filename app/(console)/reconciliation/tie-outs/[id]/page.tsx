import type { Metadata } from 'next';
import { TieOutPage } from '@/components/features/reconciliation/tie-out-page';
import { orNotFound, requirePage } from '../../../page-session';

export const metadata: Metadata = { title: 'Tie-out' };

export default async function Page({ params }: { readonly params: Promise<{ readonly id: string }> }) {
  const { api } = await requirePage();
  const { id } = await params;
  return <TieOutPage initial={await orNotFound(api.reconciliation.tieOut({ id }))} />;
}
