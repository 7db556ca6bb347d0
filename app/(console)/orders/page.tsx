import type { Metadata } from 'next';
import { OrdersPage } from '@/components/features/orders/orders-page';
import { readView } from '@/components/features/orders/view';
import { requirePage } from '../page-session';

export const metadata: Metadata = { title: 'Orders' };

type Search = Promise<Readonly<Record<string, string | readonly string[] | undefined>>>;

export default async function Page({ searchParams }: { readonly searchParams: Search }) {
  const { api } = await requirePage();
  const plain = Object.entries(await searchParams).flatMap(([key, value]) =>
    typeof value === 'string' ? [[key, value]] : [],
  );
  const view = readView(new URLSearchParams(plain));
  return <OrdersPage initial={await api.orders.list(view)} initialView={view} />;
}
