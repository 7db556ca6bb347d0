import type { Metadata } from 'next';
import { StrategiesPage } from '@/components/features/strategies/strategies-page';
import { requirePage } from '../page-session';

export const metadata: Metadata = { title: 'Strategies' };

export default async function Page() {
  const { api } = await requirePage();
  return <StrategiesPage initial={await api.strategies.list()} />;
}
