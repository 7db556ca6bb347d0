import type { Metadata } from 'next';
import { SystemPage } from '@/components/features/system/system-page';
import { requirePage } from '../page-session';

export const metadata: Metadata = { title: 'System' };

export default async function Page() {
  const { api } = await requirePage();
  return <SystemPage initial={await api.system.detail()} />;
}
