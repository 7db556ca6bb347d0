import type { Metadata } from 'next';
import { EventsPage } from '@/components/features/events/events-page';
import { loadEventsView } from '@/components/features/events/view';
import { searchParams as plain, requirePage, type Search } from '../../page-session';

export const metadata: Metadata = { title: 'Market events' };

export default async function Page({ searchParams }: { readonly searchParams: Search }) {
  const { api } = await requirePage();
  const view = loadEventsView(await plain(searchParams));
  return <EventsPage initial={await api.events.list(view)} initialView={view} />;
}
