import type { Metadata } from 'next';
import { OverviewPage } from '@/components/features/overview/overview-page';
import { requirePage } from './page-session';

export const metadata: Metadata = { title: 'Overview' };

export default async function Page() {
  const { api } = await requirePage();
  const [initial, curve] = await Promise.all([api.system.overview(), api.portfolio.curve({ range: '1d' })]);
  return <OverviewPage initial={initial} curve={curve} />;
}
