import type { Metadata } from 'next';
import { PolicyPage } from '@/components/features/policy/policy-page';
import { orNotFound, requirePage } from '../page-session';

export const metadata: Metadata = { title: 'Policy' };

export default async function Page() {
  const { api } = await requirePage();
  const [initial, decisions] = await Promise.all([orNotFound(api.policy.active()), api.policy.decisions({})]);
  return <PolicyPage initial={initial} decisions={decisions} />;
}
