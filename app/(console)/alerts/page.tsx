import type { Metadata } from 'next';
import { AlertsPage } from '@/components/features/alerts/alerts-page';
import { loadAlertsView } from '@/components/features/alerts/view';
import { searchParams as plain, requirePage, type Search } from '../page-session';

export const metadata: Metadata = { title: 'Alerts' };

export default async function Page({ searchParams }: { readonly searchParams: Search }) {
  const { api } = await requirePage();
  const view = loadAlertsView(await plain(searchParams));
  return <AlertsPage initial={await api.system.alerts(view)} initialView={view} />;
}
