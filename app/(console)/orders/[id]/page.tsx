import type { Metadata } from 'next';
import { OrderPage } from '@/components/features/orders/order-page';
import { orNotFound, requirePage } from '../../page-session';

export const metadata: Metadata = { title: 'Order' };

export default async function Page({ params }: { readonly params: Promise<{ readonly id: string }> }) {
  const { api } = await requirePage();
  const { id } = await params;
  return <OrderPage initial={await orNotFound(api.orders.get({ id }))} />;
}
