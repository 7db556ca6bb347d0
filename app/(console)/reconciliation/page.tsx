import type { Metadata } from 'next';
import { ReconciliationPage } from '@/components/features/reconciliation/reconciliation-page';
import { breaksInput, loadReconciliationView, tieOutsInput } from '@/components/features/reconciliation/view';
import { searchParams as plain, requirePage, type Search } from '../page-session';

export const metadata: Metadata = { title: 'Reconciliation' };

export default async function Page({ searchParams }: { readonly searchParams: Search }) {
  const { api } = await requirePage();
  const view = loadReconciliationView(await plain(searchParams));
  const [initial, breaks, tieOuts] = await Promise.all([
    api.reconciliation.get(),
    api.reconciliation.breaks(breaksInput(view)),
    api.reconciliation.tieOuts(tieOutsInput(view)),
  ]);
  return <ReconciliationPage initial={initial} breaks={breaks} tieOuts={tieOuts} initialView={view} />;
}
