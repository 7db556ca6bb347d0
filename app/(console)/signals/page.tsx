import type { Metadata } from 'next';
import { SignalsPage } from '@/components/features/signals/signals-page';
import { loadSignalsView } from '@/components/features/signals/view';
import { searchParams as plain, requirePage, type Search } from '../page-session';

export const metadata: Metadata = { title: 'Signals' };

export default async function Page({ searchParams }: { readonly searchParams: Search }) {
  const { api } = await requirePage();
  const view = loadSignalsView(await plain(searchParams));
  return <SignalsPage initial={await api.signals.list(view)} initialView={view} />;
}
