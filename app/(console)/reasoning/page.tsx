import type { Metadata } from 'next';
import { ReasoningPage } from '@/components/features/reasoning/reasoning-page';
import { requirePage } from '../page-session';

export const metadata: Metadata = { title: 'Reasoning' };

export default async function Page() {
  const { api } = await requirePage();
  const [overview, calibration, memos, settings, system] = await Promise.all([
    api.reasoning.overview({}),
    api.reasoning.calibration(),
    api.reasoning.list({ limit: 50 }),
    api.reasoning.settings(),
    api.system.detail(),
  ]);
  return (
    <ReasoningPage
      overview={overview}
      calibration={calibration}
      memos={memos}
      settings={settings}
      workers={system.workers}
    />
  );
}
