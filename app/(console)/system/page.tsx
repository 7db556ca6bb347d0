import type { Metadata } from 'next';
import { SystemPage } from '@/components/features/system/system-page';
import { requirePage } from '../page-session';

export const metadata: Metadata = { title: 'System' };

export default async function Page() {
  const { api } = await requirePage();
  const [initial, drills] = await Promise.all([api.system.detail(), api.trading.drills({})]);
  return <SystemPage initial={initial} drills={drills} />;
}
