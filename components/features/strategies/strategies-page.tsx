'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useMayOperate } from '@/components/shell/session';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { StrategyList } from '@/components/trpc/types';
import { Link } from '@/components/ui/link';
import { PageHeader } from '@/components/ui/panel';
import { EmptyState, ErrorState, NoPermission } from '@/components/ui/states';
import { useLoaded } from '@/components/ui/use-loaded';
import type { Editing } from './setting-dialog';
import { StrategyPanel } from './strategy-panel';

/** What the first paint does without. */
const loadDialog = () => import('./setting-dialog');

/** Which strategy runs on which symbol, and with what. */
export function StrategiesPage({ initial }: { readonly initial: StrategyList }) {
  const trpc = useTRPC();
  const mayOperate = useMayOperate();
  const query = useQuery(trpc.strategies.list.queryOptions(undefined, { initialData: initial }));
  const [editing, setEditing] = useState<Editing | null>(null);
  const dialog = useLoaded(loadDialog);
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
        A symbol without a setting of its own follows “every other symbol”. A change takes effect within seconds, also
        on what runs; whatever a strategy proposes still passes the gate.
      </p>
      {query.isError && <ErrorState message={messageOf(query.error)} onRetry={() => void query.refetch()} />}
      {strategies.length === 0 && <EmptyState title="No strategy is registered" />}
      <div className="flex flex-col gap-3">
        {strategies.map((strategy) => (
          <StrategyPanel
            key={strategy.name}
            strategy={strategy}
            onEdit={
              mayOperate && dialog !== null ? (setting, enabled) => setEditing({ strategy, setting, enabled }) : null
            }
          />
        ))}
      </div>
      {dialog !== null && editing !== null && (
        <dialog.SettingDialog editing={editing} onClose={() => setEditing(null)} />
      )}
    </>
  );
}
