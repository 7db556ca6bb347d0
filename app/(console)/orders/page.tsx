import type { Metadata } from 'next';
import { OrdersPage } from '@/components/features/orders/orders-page';
import { loadOrdersView } from '@/components/features/orders/view';
import { searchParams as plain, requirePage, type Search } from '../page-session';

export const metadata: Metadata = { title: 'Orders' };

export default async function Page({ searchParams }: { readonly searchParams: Search }) {
  const { api } = await requirePage();
  const view = loadOrdersView(await plain(searchParams));
  return <OrdersPage initial={await api.orders.list(view)} initialView={view} />;
}
