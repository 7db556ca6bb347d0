import type { Metadata } from 'next';
import { SignalsPage } from '@/components/features/signals/signals-page';
import { requirePage } from '../page-session';

export const metadata: Metadata = { title: 'Signals' };

export default async function Page() {
  const { api } = await requirePage();
  return <SignalsPage initial={await api.signals.list({})} />;
}
