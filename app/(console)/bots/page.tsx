import type { Metadata } from 'next';
import { BotsPage } from '@/components/features/bots/bots-page';
import { requirePage } from '../page-session';

export const metadata: Metadata = { title: 'Bots' };

export default async function Page() {
  const { api } = await requirePage();
  return <BotsPage initial={await api.bots.list()} />;
}
