'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useMayOperate } from '@/components/shell/session';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { StrategyList } from '@/components/trpc/types';
import { lazyDialog } from '@/components/ui/lazy-dialog';
import { Link } from '@/components/ui/link';
import { PageHeader } from '@/components/ui/panel';
import { EmptyState, ErrorState, NoPermission } from '@/components/ui/states';
import type { Editing } from './setting-dialog';
import { StrategyPanel } from './strategy-panel';

const SettingDialog = lazyDialog(async () => (await import('./setting-dialog')).SettingDialog);

/** Strategies with their settings by symbol. */
export function StrategiesPage({ initial }: { readonly initial: StrategyList }) {
  const trpc = useTRPC();
  const mayOperate = useMayOperate();
  const query = useQuery(trpc.strategies.list.queryOptions(undefined, { initialData: initial }));
  const [editing, setEditing] = useState<Editing | null>(null);
  const { strategies } = query.data;
  return (
    <>
      <PageHeader
        title="Strategies"
        aside={
          <span className="flex flex-wrap items-center gap-3 text-12">
            {!mayOperate && <NoPermission act="Switching strategies" needed="operator" />}
            <Link href="/signals" className="text-primary underline">
              Signals
            </Link>
            <Link href="/audit" className="text-primary underline">
              Audit of changes
            </Link>
          </span>
        }
      />
      <p className="mb-3 max-w-[76ch] text-muted">
        A symbol without its own setting inherits “all other symbols”. Changes take effect within seconds, also for
        running strategies. Policy still evaluates every signal.
      </p>
      {query.isError && <ErrorState message={messageOf(query.error)} onRetry={() => void query.refetch()} />}
      {strategies.length === 0 && <EmptyState title="No strategies" />}
      <div className="flex flex-col gap-3">
        {strategies.map((strategy) => (
          <StrategyPanel
            key={strategy.name}
            strategy={strategy}
            onEdit={mayOperate ? (setting, enabled) => setEditing({ strategy, setting, enabled }) : null}
          />
        ))}
      </div>
      {editing !== null && <SettingDialog editing={editing} onClose={() => setEditing(null)} />}
    </>
  );
}
