import type { Metadata } from 'next';
import { DrillPage } from '@/components/features/system/drill-page';
import { orNotFound, requirePage } from '../../../page-session';

export const metadata: Metadata = { title: 'Kill drill' };

export default async function Page({ params }: { readonly params: Promise<{ readonly id: string }> }) {
  const { api } = await requirePage();
  const { id } = await params;
  return <DrillPage initial={await orNotFound(api.trading.drill({ id }))} />;
}
