import type { Metadata } from 'next';
import { MarketPage } from '@/components/features/market/market-page';
import { loadMarketView } from '@/components/features/market/view';
import { searchParams as plain, requirePage, type Search } from '../page-session';

export const metadata: Metadata = { title: 'Market' };

export default async function Page({ searchParams }: { readonly searchParams: Search }) {
  const { api } = await requirePage();
  const { symbol: asked, range } = loadMarketView(await plain(searchParams));
  const rows = await api.market.list();
  const symbol = (rows.find((row) => row.symbol === asked) ?? rows[0])?.symbol;
  if (symbol === undefined) return <MarketPage initial={rows} detail={null} />;
  const [detail, bars] = await Promise.all([api.market.symbol({ symbol }), api.market.bars({ symbol, range })]);
  return <MarketPage initial={rows} detail={{ symbol, range, detail, bars }} />;
}
