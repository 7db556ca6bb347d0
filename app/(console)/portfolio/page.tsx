import type { Metadata } from 'next';
import { PortfolioPage } from '@/components/features/portfolio/portfolio-page';
import { requirePage } from '../page-session';

export const metadata: Metadata = { title: 'Portfolio' };

export default async function Page() {
  const { api } = await requirePage();
  const [initial, curve] = await Promise.all([api.portfolio.get(), api.portfolio.curve({ range: '1d' })]);
  return <PortfolioPage initial={initial} curve={curve} />;
}
