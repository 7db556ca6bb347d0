import type { Metadata } from 'next';
import { SignalPage } from '@/components/features/signals/signal-page';
import { orNotFound, requirePage } from '../../page-session';

export const metadata: Metadata = { title: 'Signal' };

export default async function Page({ params }: { readonly params: Promise<{ readonly id: string }> }) {
  const { api } = await requirePage();
  const { id } = await params;
  return <SignalPage initial={await orNotFound(api.signals.get({ id }))} />;
}
